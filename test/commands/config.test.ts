import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../src/commands/command.ts'
import { command } from '../../src/commands/config.ts'
import { exitCode, HealthError } from '../../src/core/errors.ts'
import { starterConfig } from '../../src/plan/starter-config.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, documentOf, tempHost } from './temp-host.ts'

const uid = process.getuid?.() ?? 0
const view = { columns: 80, color: false, verbose: false }

/** Runs `config ARGS` on a host with these files. */
const run = (files: Record<string, string>, ...args: string[]): Promise<CommandResult> => {
  const host = tempHost(tempFolder('config-command'), { files, uid, env: { HOME: '/root' } })
  return command.run({ ...contextOf(host), args })
}

const defaultPath = uid === 0 ? '/etc/oratio-health/config.yaml' : '/root/.config/oratio-health/config.yaml'
const example = readFileSync(join(import.meta.dirname, '../../config.example.yaml'), 'utf8')

describe('config validate', () => {
  it('counts what a right config holds', async () => {
    const result = await run({ '/c.yaml': example }, 'validate', '/c.yaml')
    expect(result.text(view).split('\n')[0]).toBe(
      'ok: /c.yaml: 3 services, 2 cleanup rules, 1 orphan rule, 1 notify target',
    )
    expect(result.textWhen).toBe('always')
    expect(validateDocument(documentOf(result))).toEqual([])
  })

  it('takes the example of each incident', async () => {
    const folder = join(import.meta.dirname, '../../examples')
    const names = readdirSync(folder)
    expect(names).toEqual(expect.arrayContaining(['capture-host.yaml', 'electron-cash.yaml', 'indexer.yaml']))
    for (const name of names) {
      const text = readFileSync(join(folder, name), 'utf8')
      const result = await run({ '/c.yaml': text }, 'validate', '/c.yaml')
      // A password file that is not there yet is a warning.
      expect(result.text(view)).toMatch(/^ok: \/c\.yaml: \d service/)
    }
  })

  it('no example that names folders loses sight of the journal in RAM, which is looked at without any', () => {
    const folder = join(import.meta.dirname, '../..')
    const files = [
      'config.example.yaml',
      ...readdirSync(join(folder, 'examples')).map((one) => `examples/${one}`),
    ]
    const texts = [...files, 'docs/migration.md'].map((one) => readFileSync(join(folder, one), 'utf8'))
    const starter = starterConfig({
      ...{ hostname: 'a', madeAt: '', example: null, totalMemoryBytes: null },
      ...{ services: [], notes: [] },
    })
    const naming = [...texts, starter].filter((text) => /^ {2}folders:$/m.test(text))
    expect(naming).toHaveLength(4)
    for (const text of naming) expect(text).toMatch(/^ {4}- \{ path: \/run\/log\/journal \}/m)
  })

  it('says each error on a line, on stdout for a person and on stderr for cron, and ends with 78', async () => {
    const result = await run({ [defaultPath]: 'hots: 1\nservices: { a: {} }\n' }, 'validate')
    expect(result).toMatchObject({
      status: 'critical',
      exitCode: exitCode.badConfig,
      textWhen: 'interactive',
    })
    expect(result.problems).toEqual([
      `${defaultPath}:1:1 hots: unknown key; did you mean "host"?`,
      `${defaultPath}:2:16 services.a: needs one of container, unit, process, pidfile`,
    ])
    expect(result.text(view)).toBe(`${result.problems.join('\n')}\n`)
    expect(result.document?.body).toMatchObject({
      file: defaultPath,
      errors: [
        { path: 'hots', line: 1, column: 1 },
        { path: 'services.a', line: 2, column: 16 },
      ],
    })
    expect(validateDocument(documentOf(result))).toEqual([])
  })

  it('of a newer version: says so after the errors', async () => {
    const result = await run({ [defaultPath]: 'quantum: 1\n' }, 'validate')
    expect(result.problems).toHaveLength(2)
    expect(result.problems[1]).toContain('install the newer one')
  })

  it('without a config says that the defaults stand', async () => {
    const result = await run({}, 'validate')
    expect(result.text(view)).toBe('ok: there is no config; the defaults stand\n')
    expect(validateDocument(documentOf(result))).toEqual([])
  })

  it('of a file that is not there ends with 78 and says how to get one', async () => {
    await expect(run({}, 'validate', '/nope.yaml')).rejects.toMatchObject({
      code: exitCode.badConfig,
      mend: expect.stringContaining('init'),
    })
  })
})

describe('config show', () => {
  it('prints what stands, and where it is from', async () => {
    const result = await run({ [defaultPath]: 'host: { swap: { warn: 40% } }\n' }, 'show')
    expect(result.text(view)).toMatch(new RegExp(`^# ${defaultPath}\nhost:\n`))
    expect(result.text(view)).toContain('  swap:\n    warn: 40%\n    crit: 90%  # default\n')
    expect(result.document?.body).toMatchObject({ config: { host: { swap: { warn: '40%', crit: '90%' } } } })
    expect(validateDocument(documentOf(result))).toEqual([])
  })

  it('prints the defaults without a config', async () => {
    expect((await run({}, 'show')).text(view)).toMatch(
      /^# There is no config; these are the defaults\.\nhost:\n/,
    )
  })
})

describe('config schema', () => {
  it('prints the JSON Schema that ships', async () => {
    const result = await run({}, 'schema')
    const shipped = readFileSync(join(import.meta.dirname, '../../schema/config.json'), 'utf8')
    expect(JSON.parse(result.text(view))).toEqual(JSON.parse(shipped))
    expect(validateDocument(documentOf(result))).toEqual([])
  })
})

describe('config', () => {
  it.each([[], ['vaildate']])('%s is wrong usage that names the three', async (...args) => {
    const error = await Promise.resolve()
      .then(() => run({}, ...args))
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HealthError)
    expect(error).toMatchObject({
      code: exitCode.usage,
      mend: expect.stringMatching(/validate.*show.*schema/),
    })
  })
})
