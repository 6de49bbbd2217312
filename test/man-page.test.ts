import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { commandRegistry } from '../src/commands/registry.ts'
import { manPageFor } from '../src/man-page.ts'
import { globalOptions } from '../src/option-values.ts'
import { manPage } from '../src/report/man-page.ts'

const isThere = (name: string): boolean => spawnSync('which', [name]).status === 0

const formatted = (page: string): { text: string; warnings: string } => {
  const ran = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-rLL=78n', '-P-c', '-P-b', '-P-o', '-P-u'], {
    input: page,
    encoding: 'utf8',
  })
  return { text: ran.stdout.replace(/\u2010/g, '-'), warnings: ran.stderr }
}

describe.runIf(isThere('groff'))('the manual page', () => {
  it('has every command with all its options, within 80 columns, and groff finds nothing wrong', async () => {
    const { text, warnings } = formatted(await manPageFor('1.2.3'))
    expect(warnings).toBe('')
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(text).toContain('oratio-health 1.2.3')
    const missing: string[] = []
    const look = (what: string): void => {
      if (!text.includes(what.replace(/[<>]/g, ''))) missing.push(what)
    }
    for (const { name, aliases, load } of commandRegistry) {
      look(`\n   ${name}`)
      for (const alias of aliases ?? []) look(alias)
      for (const { flags } of (await load()).command.options ?? []) look(`\n       ${flags}`)
    }
    for (const { flags } of globalOptions) look(`\n       ${flags}`)
    expect(missing).toEqual([])
  })

  it('prints what roff would take for its own, as it is', () => {
    const help = `'s text with \\n, .dots, "quotes", ~/.config, a^b, \`code\`, – and ü…`
    const { text, warnings } = formatted(
      manPage({
        version: '1',
        commands: [
          { usage: 'one', help, aliases: [], options: [{ usage: '-o, --out <file>', help: '.hidden' }] },
        ],
        everywhere: [],
      }),
    )
    expect(warnings).toBe('')
    expect(text.replace(/\s+/g, ' ')).toContain(
      `'s text with \\n, .dots, "quotes", ~/.config, a^b, \`code\`, – and ü...`,
    )
    expect(text).toContain('-o, --out file')
    expect(text).toContain('.hidden.')
  })
})
