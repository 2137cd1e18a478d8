// The contents of the site, read from the repository: a new chapter, stage or exercise needs no line here.
import { readdirSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './repository.mts'

type Item = { text: string; link?: string; items?: Item[]; collapsed?: boolean }

const numbered = (folder: string, pattern: RegExp) =>
  readdirSync(join(ROOT, folder)).filter((name) => pattern.test(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))

// heading: what a page is called, up to a colon
const heading = (page: string) =>
  (/^# +(.*)$/m.exec(readFileSync(join(ROOT, page), 'utf8'))?.[1] ?? page).replace(/[`*]/g, '').replace(/:.*$/, '')

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
