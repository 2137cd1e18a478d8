// The book as a site. ./learn book builds it and shows it; tools/book.py is what it calls.
//
// The pages are the very files that one reads on a code host, where they lie: those of docs/, and beside them each
// README and each exercise. So links are written for the repository, and repository.mts turns them into links of the site.
// Nothing is fetched when it is read: fonts, search index and scripts are part of the site.
import { defineConfig } from 'vitepress'
import { appendices, chapters, exercises, figures, stages, workshop } from './contents.mts'
import { address, BASE, github, linksOfTheSite, ROOT } from './repository.mts'

const build = `${ROOT}/build/book`

const DROP =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#3b82c4" d="M8 1 Q14 8 12 12 T4 12 T8 1"/></svg>'

export default defineConfig({
  title: 'Poolcraft',
  description: 'Six thread pools in C++20, built one on the other: a course in concurrency',
  lang: 'en-GB',
  base: BASE,
  srcDir: '..',
  srcExclude: ['build/**', 'my/**', '**/node_modules/**'],
  outDir: `${build}/site`,
  cacheDir: `${build}/cache`,
  rewrites: address,
  metaChunk: true,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(DROP)}` }]],
  markdown: {
    anchor: { slugify: github },
    config: (md) => md.use(linksOfTheSite),
    languageAlias: { promela: 'c' },
    image: { lazyLoading: true },
  },
  vite: {
    plugins: [
      {
        name: 'the one Vue', // a page outside of docs/ does not see docs/node_modules: while pages are made, Node finds it
        enforce: 'pre',
        resolveId: (id, _importer, options) =>
          options.ssr && /^vue(\/server-renderer)?$/.test(id) ? { id, external: true } : undefined,
      },
    ],
    publicDir: `${build}/public`, // the source files that pages link to, as pages; tools/book.py writes them
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 4000 },
    server: { watch: { ignored: ['**/build/**', '**/my/**'] } },
  },
  transformPageData(page) {
    if (page.relativePath === 'specification.md') page.frontmatter.outline = 2
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: { miniSearch: { searchOptions: { boostDocument: (id: string) => (/\/\d\d-[^/]*\.html/.test(id) ? 2 : 1) } } },
    },
    outline: [2, 3],
    nav: [
      { text: 'Chapters', link: '/00-introduction' },
      { text: 'Glossary', link: '/glossary' },
      { text: 'Specification', link: '/specification' },
      { text: 'Source', link: '/source/index.html', target: '_self' },
    ],
    sidebar: [
      { text: 'The course', items: chapters() },
      { text: 'Beside the chapters', items: appendices() },
      { text: 'Figures and choices', items: figures() },
      { text: 'The stages', collapsed: true, items: stages() },
      { text: 'The exercises', collapsed: true, items: exercises() },
      { text: 'The workshop', collapsed: true, items: workshop() },
    ],
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'MIT licence. Copyright the Poolcraft authors.' },
  },
})
