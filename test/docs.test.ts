import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandRegistry } from '../src/commands/registry.ts'
import { configField } from '../src/config/schema.ts'
import { parseCrontab } from '../src/parse/crontab.ts'
import { errorsIn } from './config/read-config.ts'

const top = join(import.meta.dirname, '..')
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(top, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
/** A generated one, a mistake that is shown, and prose. */
const notCommands = ['completion', 'help', 'chekc', 'history', 'reads']
const textOf = (page: string): string => readFileSync(join(top, page), 'utf8')
const names = commandRegistry.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])])

/** Configs, by their first key; what is left out in them ("…") is no config. */
const configsIn = (page: string): string[] =>
  [...textOf(page).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
    .map(([, text = '']) => text)
    .filter((text) => Object.keys(configField.keys).some((key) => text.startsWith(`${key}:`)))

describe('the documents', () => {
  it('each command has a page, and the README names it', () => {
    const pageOf = (name: string): string =>
      name === 'uninstall' ? 'docs/install.md' : `docs/${name === 'check' ? 'check' : name}.md`
    expect(
      commandRegistry.map(({ name }) => pageOf(name)).filter((page) => !existsSync(join(top, page))),
    ).toEqual([])
    const readme = textOf('README.md')
    expect(commandRegistry.map(({ name }) => name).filter((name) => !readme.includes(name))).toEqual([])
    // From the README, or from another page.
    const linked = pages.map((page) => textOf(page)).join('\n')
    const unnamed = pages
      .filter((page) => page.startsWith('docs/'))
      .filter((page) => !linked.includes(`](${page}`) && !linked.includes(`](${page.slice('docs/'.length)}`))
    expect(unnamed).toEqual([])
  })

  it.each(pages)('%s: links lead to files', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, to = '']) => to)
      .filter((to) => !/^https?:/.test(to))
    expect(links.filter((to) => !existsSync(join(top, normalize(join(page, '..', to)))))).toEqual([])
  })

  it.each(pages)('%s: names only commands that there are', (page) => {
    const called = [...textOf(page).matchAll(/(?:^|`|\$ )oratio-health ([a-z][a-z-]+)/gm)].map(
      ([, verb = '']) => verb,
    )
    expect(called.filter((verb) => ![...names, ...notCommands].includes(verb))).toEqual([])
  })

  it('the crontab of the README is one that cron takes, and that finds the program', () => {
    const [, text = ''] =
      /^```\n((?:(?!```).*\n)*.*\broot oratio-health check\n)```$/m.exec(textOf('README.md')) ?? []
    const { entries, faults } = parseCrontab(text, 'system')
    expect(faults).toEqual([])
    expect(entries).toMatchObject([{ user: 'root', command: 'oratio-health check' }])
    expect(entries[0]?.environment.get('PATH')?.split(':')).toContain('/usr/local/bin')
  })

  it('where a hook sends SIGUSR2, it says that this ends what does not catch it', () => {
    const examples = [
      'config.example.yaml',
      ...readdirSync(join(top, 'examples')).map((one) => `examples/${one}`),
    ]
    const sending = [...pages, ...examples].filter((page) => /(?:-|-s )USR2/.test(textOf(page)))
    expect(sending).toHaveLength(4)
    const isSaid = (text: string): boolean =>
      text.includes('--heapsnapshot-signal=SIGUSR2') &&
      /\bends\s/.test(text) &&
      /not\s+(?:# )?catch/.test(text)
    expect(sending.filter((page) => !isSaid(textOf(page)))).toEqual([])
  })

  it.each(pages.filter((page) => configsIn(page).length > 0))('%s: its configs are valid', (page) => {
    expect(configsIn(page).flatMap((text) => errorsIn(text).map((error) => `${error} in:\n${text}`))).toEqual(
      [],
    )
  })
})
