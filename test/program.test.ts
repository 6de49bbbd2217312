import { expect, it, vi } from 'vitest'
import { runProgram } from '../src/program.ts'

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
