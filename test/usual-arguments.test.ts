import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Command } from '../src/commands/command.ts'
import { commandRegistry } from '../src/commands/registry.ts'
import { runProgram } from '../src/program.ts'
import { type Arguments, operandBound, usualArguments, usualCommand } from '../src/usual-arguments.ts'

/** What commander makes of them; null: help, the version or an error. */
const byCommander = async (argv: readonly string[]): Promise<(Arguments & { name: string }) | null> => {
  const seen: (Arguments & { name: string })[] = []
  const { write } = process.stderr
  const { write: writeOut } = process.stdout
  // commander prints its help and errors.
  process.stderr.write = () => true
  process.stdout.write = () => true
  try {
    const run: Parameters<typeof runProgram>[2] = async ({ name }, _, given) => {
      seen.push({ ...given, name })
      return 0
    }
    await runProgram(argv, '1.2.3', run, () => {})
  } finally {
    process.stderr.write = write
    process.stdout.write = writeOut
  }
  return seen[0] ?? null
}

const byOurselves = async (argv: readonly string[]): Promise<(Arguments & { name: string }) | null> => {
  const name = usualCommand(argv)
  const entry = commandRegistry.find((one) => one.name === name || one.aliases?.includes(name ?? ''))
  if (entry === undefined) return null
  const { command } = await entry.load()
  const given = usualArguments(argv, command.options ?? [], operandBound(command.arguments))
  return given === null ? null : { ...given, name: entry.name }
}

const commands: Command[] = await Promise.all(commandRegistry.map(async ({ load }) => (await load()).command))

/** Every word of every option there is, and what may stand around them. */
const words = [
  ...commandRegistry.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  ...commands.flatMap(({ options = [] }) => options.flatMap(({ flags }) => flags.match(/-[\w-]+/g) ?? [])),
  ...['--json', '-q', '-v', '-n', '--dry-run', '--no-color', '--color', '-c', '--config', '--state-dir'],
  ...[
    '--log-dir',
    '--root',
    '--timeout',
    '50s',
    '1M',
    '5',
    '/tmp/x',
    'web',
    'validate',
    'status',
    '2G',
    '85%',
  ],
  ...[
    '--',
    '-',
    '',
    '-vn',
    '--config=/x',
    '--timeout=5s',
    '-h',
    '--help',
    '-V',
    '--version',
    '--bogus',
    'help',
    '-c/x',
  ],
]

describe('arguments read without commander', () => {
  it('are read as commander reads them, or left to it', async () => {
    let read = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 6 }), async (argv) => {
        const ours = await byOurselves(argv)
        if (ours === null) return
        read++
        const theirs = await byCommander(argv)
        expect(theirs, argv.join(' ')).not.toBeNull()
        const { global, options, ...rest } = ours
        expect({ options, ...rest }).toEqual({
          options: theirs?.options,
          operands: theirs?.operands,
          name: theirs?.name,
        })
        expect(theirs?.global).toMatchObject(global)
      }),
      { numRuns: 3000 },
    )
    expect(read).toBeGreaterThan(50)
  })

  it.each([
    [['check'], {}, []],
    [['check', 'web', '--json', 'db'], { json: true }, ['web', 'db']],
    [['-v', 'check', '--timeout', '90s', '-c', '/x'], { verbose: true, timeout: 90, config: '/x' }, []],
    [['health-check', '-n', '--no-color'], { dryRun: true, color: false }, []],
    [['config', 'validate', '/x'], {}, ['validate', '/x']],
  ])('%j', async (argv, global, operands) => {
    expect(await byOurselves(argv)).toMatchObject({ global, operands })
  })

  it('an option that is off by its name is on by default', async () => {
    expect((await byOurselves(['check']))?.options).toMatchObject({ act: true })
    expect((await byOurselves(['check', '--no-act']))?.options).toMatchObject({ act: false })
  })

  it.each([
    [[]],
    [['--help']],
    [['check', '--help']],
    [['check', '-vn']],
    [['check', '--timeout', 'soon']],
    [['check', '--timeout']],
    [['check', '--bogus']],
    [['nonsense']],
    [['config', 'a', 'b', 'c']],
    [['check', '-c', '--json']],
  ])('%j is left to commander', async (argv) => {
    expect(await byOurselves(argv)).toBeNull()
  })
})
