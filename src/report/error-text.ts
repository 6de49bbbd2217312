import { exitCode, HealthError } from '../core/errors.ts'
import { escapeControl } from '../core/escape.ts'

export interface ErrorText {
  /** Lines for stderr, the last one ended. */
  text: string
  /** The exit status. */
  code: number
  /** For `--json`; may have several lines. */
  message: string
  mend: string | null
}

const stackLines = 20
const reportIt =
  'please report it where you got oratio-health, with these lines, the command and `oratio-health -V`'

/**
 * What the one catch at the edge prints. A HealthError is told in its own words, without a stack; anything else that
 * was thrown is a defect of ours: with its stack, and exit status 2, since the job could not be done.
 */
export const errorText = (error: unknown): ErrorText =>
  error instanceof HealthError ? told(error) : defect(error)

const told = ({ message, mend, code }: HealthError): ErrorText => {
  const [first = '', ...more] = safeLines(message)
  const lines = [`oratio-health: ${first}`, ...more.map(indented), ...safeLines(mend ?? '').map(indented)]
  return { text: ended(lines), code, message, mend }
}

const defect = (error: unknown): ErrorText => {
  const stacks = causesOf(error).flatMap((cause, depth) => {
    const [first = '', ...more] = safeLines(describe(cause)).slice(0, stackLines)
    return [depth === 0 ? first : `caused by ${first}`, ...more]
  })
  const message = `this is a defect in oratio-health, not in what it looks at: ${stacks[0] ?? ''}`
  const lines = [`oratio-health: ${message}`, ...stacks.slice(1).map(indented), indented(reportIt)]
  return { text: ended(lines), code: exitCode.critical, message, mend: reportIt }
}

/** The error and what caused it, at most three deep: a chain may bite its own tail. */
const causesOf = (error: unknown): unknown[] => {
  const chain = [error]
  for (let last = error; chain.length < 3 && last instanceof Error && last.cause !== undefined; ) {
    last = last.cause
    if (chain.includes(last)) break
    chain.push(last)
  }
  return chain
}

const describe = (thrown: unknown): string => {
  if (thrown instanceof Error) return thrown.stack || `${thrown.name}: ${thrown.message}`
  try {
    return `${typeof thrown} was thrown: ${thrown}`
  } catch {
    // An object without a prototype, or a symbol, has no text.
    return `${typeof thrown} was thrown`
  }
}

const safeLines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(escapeControl)

const indented = (line: string): string => (line.startsWith('  ') ? line : `  ${line}`)

const ended = (lines: string[]): string => lines.map((line) => `${line}\n`).join('')
