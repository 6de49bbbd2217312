import { afterEach, expect, it, vi } from 'vitest'
import { runProgram } from '../src/program.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** What commander prints of a command line, on whatever stream, and the exit status. */
const said = async (...argv: string[]): Promise<{ code: number; text: string }> => {
  let text = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((part) => {
      text += part
      return true
    })
  const code = await runProgram(
    argv,
    '1.2.3',
    async () => 0,
    () => {},
  )
  return { code, text }
}

it('help of a command that there is not is an error, as the command alone is', async () => {
  const { code, text } = await said('help', 'chekc')
  expect(code).toBe(64)
  expect(text).toMatch(/^error: unknown command 'chekc'\n\(Did you mean check\?\)/)
  expect((await said('help', 'check')).text).toMatch(/^Usage: oratio-health check/)
  expect((await said('help', 'completion')).text).toMatch(/^Usage: oratio-health completion/)
  for (const argv of [['help'], ['help', 'help'], ['help', 'version']]) {
    const { code: helped, text: helpText } = await said(...argv)
    expect(helped).toBe(0)
    expect(helpText).toMatch(/^Usage: oratio-health \[options\] \[command\]/)
  }
})

it('version is the version, as for many others', async () => {
  for (const argv of [
    ['version'],
    ['--json', 'version'],
    ['version', '--json'],
    ['-c', 'x', 'version', '-q'],
  ])
    expect(await said(...argv)).toEqual({ code: 0, text: '1.2.3\n' })
  for (const argv of [
    ['version', 'check'],
    ['version', '--nonsense'],
    ['-c', 'version'],
  ])
    expect((await said(...argv)).text).not.toBe('1.2.3\n')
})

it('the help of all names files, environment and exit statuses; that of a command does not', async () => {
  const { text } = await said('--help')
  for (const words of [
    '/var/lib/oratio-health',
    '~/.config/oratio-health',
    'ORATIO_STATE_DIR',
    'DOCKER_HOST',
  ])
    expect(text).toContain(words)
  expect(text.replace(/\n +/g, ' ')).toContain('78 the config is invalid')
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect((await said('check', '--help')).text).not.toContain('ORATIO_STATE_DIR')
})

it('help fits a narrow terminal', async () => {
  const names = ['isTTY', 'columns'] as const
  const before = names.map((name) => Object.getOwnPropertyDescriptor(process.stdout, name))
  for (const name of names)
    Object.defineProperty(process.stdout, name, { value: name === 'isTTY' ? true : 40, configurable: true })
  try {
    const { text } = await said('help', 'check')
    // The usage is a command line, and stays one.
    for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(40)
  } finally {
    for (const [i, name] of names.entries()) {
      const own = before[i]
      if (own === undefined) Reflect.deleteProperty(process.stdout, name)
      else Object.defineProperty(process.stdout, name, own)
    }
  }
})

/** What it throws or returns, and what commander has printed. */
const runOf = async (...argv: string[]) => {
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    const never = async () => expect.unreachable('nothing is run')
    const came = await runProgram(argv, '1.2.3', never, () => {}).catch((error: unknown) => error)
    return { came, said: said.mock.calls.map(([text]) => String(text)).join('') }
  } finally {
    said.mockRestore()
  }
}

it('a command line that is wrong is printed, and with --json thrown for the document, and nothing printed', async () => {
  expect(await runOf('chekc')).toEqual({
    came: 64,
    said: expect.stringMatching(/unknown command 'chekc'[\s\S]*Did you mean check/),
  })
  const mend = '--help shows what there is'
  for (const [argv, message, hint] of [
    [['chekc', '--json'], "unknown command 'chekc'", `(Did you mean check?) ${mend}`],
    [['check', '--json', '--jsno'], "unknown option '--jsno'", `(Did you mean --json?) ${mend}`],
    [['--json'], 'no command is given', mend],
  ] as const)
    expect(await runOf(...argv)).toMatchObject({ came: { code: 64, message, mend: hint }, said: '' })
})
