import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Command } from '../src/commands/command.ts'
import { commandRegistry } from '../src/commands/registry.ts'
import { completionFor } from '../src/completion.ts'
import { cleanupRule } from '../src/config/sections/cleanup.ts'
import { schedulers } from '../src/core/scheduler.ts'
import { ageStamps } from '../src/core/sweep.ts'
import { completedOperands, completedOption, shells } from '../src/report/completion.ts'
import { hasShell } from './support/needs.ts'
import { askers } from './support/shells.ts'
import { tempFolder } from './support/temp-folder.ts'

const folder = tempFolder('completion')
/** Where it is asked: nothing but these lies there. */
const work = join(folder, 'work')

const files = ['folder', 'my file.yaml', 'other.yaml']
const allCommands = [
  ...commandRegistry.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]),
  'completion',
].sort()

/** At the end of the line → what is offered. */
const cases: readonly [string, readonly string[]][] = [
  ['', allCommands],
  ['ver', ['verify']],
  ['heal', ['health-check']],
  ['-c other.yaml ver', ['verify']],
  ['--config=other.yaml -v ver', ['verify']],
  ['-c other.yaml -v limits ', ['apply', 'remove', 'status']],
  ['limits apply ', []],
  ['journal-limits status ', []],
  ['completion ', ['bash', 'fish', 'zsh']],
  ['config v', ['validate']],
  ['config validate ', files],
  ['config validate sh', []],
  ['config -v validate oth', ['other.yaml']],
  ['check --no-a', ['--no-act']],
  ['health-check --no-a', ['--no-act']],
  ['check --state', ['--state-dir']],
  ['check oth', []],
  ['demo ', []],
  ['verify --max-', ['--max-cpu', '--max-growth', '--max-memory', '--max-processes', '--max-swap']],
  ['journal-limits status --max-', []],
  ['verify --since ', []],
  ['-c ', files],
  ['-c my', ['my file.yaml']],
  ['check --config oth', ['other.yaml']],
  ['check --config=oth', ['other.yaml']],
  ['check --config=', files],
  ['--state-dir ', ['folder']],
  ['--state-dir=fol', ['folder']],
  ['cleanup-tmp ', ['folder']],
  ['trend other.yaml ', files],
  ['install --scheduler ', ['cron', 'systemd']],
  ['install --scheduler=s', ['systemd']],
  ['cleanup-tmp --by ', ['atime', 'ctime', 'mtime', 'newest']],
  ['crash-report --format ', ['html', 'json', 'md', 'text']],
  ['crash-report --format md -o ', files],
  ['crash-report --from my oth', ['other.yaml']],
  ['crash-report --from my other.yaml --form', ['--format']],
  ['crash-report oth', []],
  ['status --from folder fol', ['folder']],
]

beforeAll(() => {
  mkdirSync(join(work, 'folder'), { recursive: true })
  for (const name of ['my file.yaml', 'other.yaml']) writeFileSync(join(work, name), '')
})

/** By the shell itself, as at a press of Tab. */
describe.each(shells)('completion in %s', (shell) => {
  describe.runIf(hasShell(shell))('where it is installed', () => {
    let offered: Map<string, string[]>
    beforeAll(async () => {
      const file = join(folder, shell)
      writeFileSync(file, await completionFor(shell))
      offered = askers[shell](file, work)(cases.map(([line]) => line))
    })

    it.each(cases)('offers at the end of `%s`', (line, expected) => {
      expect(offered.get(line)).toEqual(expected)
    })
  })
})

describe('completion', () => {
  it.each([
    ['-c, --config <file>', { short: 'c', long: 'config', value: 'file', takesMany: false }],
    ['--root <dir>', { short: null, long: 'root', value: 'dir' }],
    ['--mark [text]', { short: null, long: 'mark', value: 'text' }],
    ['--no-act', { short: null, long: 'no-act', value: null }],
    ['--from <file...>', { short: null, long: 'from', value: 'file', takesMany: true }],
  ])('reads %s', (flags, expected) => {
    expect(completedOption(flags, 'x')).toMatchObject(expected)
  })

  it.each([
    ['', [], { first: 'text', further: 'text' }],
    ['[file...]', [], { first: 'file', further: 'file' }],
    ['[action] [file]', ['show'], { first: ['show'], further: 'file' }],
    ['[action] [service...]', ['apply'], { first: ['apply'], further: 'text' }],
  ])('reads the operands %s', (names, firstWords, expected) => {
    expect(completedOperands(names, firstWords)).toEqual(expected)
  })
})

it('an option offers the very list by which its command, and the config, judge', async () => {
  const offered = async (load: Promise<{ command: Command }>, flag: string) =>
    (await load).command.options?.find(({ flags }) => flags.startsWith(flag))?.choices
  expect(await offered(import('../src/commands/cleanup-tmp.ts'), '--by ')).toBe(ageStamps)
  expect((cleanupRule.keys.age_by as { options?: unknown }).options).toBe(ageStamps)
  expect(await offered(import('../src/commands/install.ts'), '--scheduler ')).toBe(schedulers)
})
