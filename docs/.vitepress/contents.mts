// The contents of the site, read from the repository: a new chapter, stage or exercise needs no line here.
import { readdirSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './repository.mts'

type Item = { text: string; link?: string; items?: Item[]; collapsed?: boolean }

const numbered = (folder: string, pattern: RegExp) =>
  readdirSync(join(ROOT, folder)).filter((name) => pattern.test(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))

// heading: what a page is called, up to a colon; an appendix, after it
function heading(page: string): string {
  const whole = /^# +(.*)$/m.exec(readFileSync(join(ROOT, page), 'utf8'))?.[1] ?? page
  const short = whole.replace(/[`*]/g, '').replace(/^Appendix: +/, '').replace(/:.*$/, '')
  return short[0].toUpperCase() + short.slice(1)
}

export const stageFolders = () => numbered('.', /^0\d-/)

export function chapters(): Item[] {
  return [
    { text: 'Poolcraft', link: '/' },
    ...numbered('docs', /^\d\d.*\.md$/).map((name) => ({ text: heading(`docs/${name}`), link: `/${name.replace(/\.md$/, '')}` })),
  ]
}

export function stages(): Item[] {
  return stageFolders().filter((stage) => existsSync(join(ROOT, stage, 'README.md'))).map((stage) => ({
    text: heading(`${stage}/README.md`),
    link: `/${stage}/`,
  }))
}

export function exercises(): Item[] {
  return stageFolders().filter((stage) => existsSync(join(ROOT, stage, 'exercises'))).map((stage) => ({
    text: stage,
    collapsed: true,
    items: numbered(`${stage}/exercises`, /^e\d/).filter((id) => existsSync(join(ROOT, stage, 'exercises', id, 'README.md')))
      .map((id) => ({ text: heading(`${stage}/exercises/${id}/README.md`), link: `/${stage}/exercises/${id}/` })),
  }))
}

// Pages beside the chapters: in this order those that are there; all others behind the first group.
const APPENDICES = ['glossary', 'bug-museum', 'memory-ordering', 'explorer', 'when-it-hangs', 'verdicts', 'coming-from-rust']
const FIGURES = ['benchmarks', 'claims', 'comparison', 'decisions', 'specification']
const WORKSHOP = ['writing-exercises']

const page = (name: string): Item => ({ text: heading(`docs/${name}.md`), link: `/${name}` })

const there = (names: string[]) => names.filter((name) => existsSync(join(ROOT, 'docs', `${name}.md`)))

export function appendices(): Item[] {
  const placed = [...APPENDICES, ...FIGURES, ...WORKSHOP]
  const others = numbered('docs', /^[^\d].*\.md$/).map((name) => name.replace(/\.md$/, '')).filter((name) => !placed.includes(name))
  return [...there(APPENDICES), ...others].map(page)
}

export const figures = () => there(FIGURES).map(page)

export const workshop = () => [{ text: 'Contributing', link: '/CONTRIBUTING' }, ...there(WORKSHOP).map(page)]
