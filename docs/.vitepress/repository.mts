// From places in the repository to places on the site.
//
//   README.md                          /                     a README is the index of its folder
//   docs/05-autoscale.md               /05-autoscale.html    docs/ is the top of the site
//   05-autoscale/README.md             /05-autoscale/
//   05-autoscale/src/policy.cpp#L26    /source/05-autoscale/src/policy.cpp.html#L26
//   05-autoscale/tests                 /source/05-autoscale/tests/index.html
import { existsSync, statSync } from 'node:fs'
import { dirname, join, posix, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

export const BASE = process.env.BOOK_BASE ?? '/' // under which path a server will have it

// address: where a page of the repository stands on the site, as a Markdown file
export function address(page: string): string {
  return page.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md')
}

// github: the anchor that a code host gives a heading; tools/weave_lib/links.py knows the same rule
export function github(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-')
}

const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|\/\/|#)/i

// target: where a link of a page leads on the site
export function target(page: string, link: string): { href: string; leaves: boolean } {
  const [path, anchor] = link.split('#', 2)
  const hash = anchor === undefined ? '' : `#${anchor}`
  const place = posix.normalize(posix.join(posix.dirname(page), decodeURIComponent(path))).replace(/\/$/, '')
  const full = join(ROOT, place)
  if (place.endsWith('.md')) return { href: `/${address(place)}${hash}`.replace(/\/index\.md/, '/'), leaves: false }
  if (!existsSync(full)) throw new Error(`${page}: the link '${link}' leads nowhere: there is no ${place}`)
  if (!statSync(full).isDirectory()) return { href: `/source/${place}.html${hash}`, leaves: true }
  if (place !== '.' && existsSync(join(full, 'README.md'))) return { href: `/${place}/${hash}`, leaves: false }
  return { href: posix.join('/source', place, 'index.html'), leaves: true }
}

// linksOfTheSite: a plugin of markdown-it, before VitePress looks at the links
export function linksOfTheSite(md: any) {
  md.core.ruler.push('links of the site', (state: any) => {
    const file = state.env.realPath ?? state.env.path
    if (!file) return
    const page = relative(ROOT, file).replaceAll('\\', '/')
    for (const block of state.tokens) {
      for (const token of block.children ?? []) {
        if (token.type !== 'link_open') continue
        const link = token.attrGet('href')
        if (!link || ELSEWHERE.test(link)) continue
        const { href, leaves } = target(page, link)
        token.attrSet('href', leaves ? BASE.replace(/\/$/, '') + href : href)
        if (leaves) token.attrSet('target', '_self') // no page of VitePress, which must not touch it
      }
    }
  })
}
