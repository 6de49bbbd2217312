import { exitCode, HealthError } from '../core/errors.ts'
import { escapeControl } from '../core/escape.ts'

export interface ErrorText {
  /** Lines for stderr, the last one ended. */
  text: string
  exitCode: number
}

const stackLines = 20

/**
 * What the one catch at the edge prints. A HealthError is told in its own words, without a stack; anything else that
 * was thrown is a defect of ours: with its stack, and exit status 2, since the job could not be done.
 */
export const errorText = (error: unknown, version: string): ErrorText =>
  error instanceof HealthError
    ? { text: told(error), exitCode: error.code }
    : { text: defect(error, version), exitCode: exitCode.critical }

const told = (error: HealthError): string => {
  const [first = '', ...more] = safeLines(error.message)
  const mend = error.mend === null ? [] : safeLines(error.mend)
  return ended([`oratio-health: ${first}`, ...more.map(indented), ...mend.map(indented)])
}

const defect = (error: unknown, version: string): string => {
  const lines = causes(error).flatMap((one, depth) => {
    const shown = safeLines(one instanceof Error ? stackOf(one) : thrown(one)).slice(0, stackLines)
    return depth === 0 ? shown : shown.map((line, i) => (i === 0 ? `caused by ${line}` : line))
  })
  return ended([
    `oratio-health: this is a defect in oratio-health ${version}, not in what it looks at`,
    ...lines.map(indented),
    '  Please report it where you got oratio-health, with these lines and the command you gave.',
  ])
}

// A thrown object may lie about its own stack.
const stackOf = (error: Error): string =>
  typeof error.stack === 'string' && error.stack !== '' ? error.stack : `${error.name}: ${error.message}`

const thrown = (what: unknown): string => {
  try {
    return `${typeof what} was thrown: ${what}`
  } catch {
    // An object without a prototype, or a symbol, has no text.
    return `${typeof what} was thrown`
  }
}

/** The error and what caused it, at most three deep: a chain may bite its own tail. */
const causes = (error: unknown): unknown[] => {
  const chain = [error]
  let cause = error instanceof Error ? error.cause : undefined
  while (cause !== undefined && chain.length < 3 && !chain.includes(cause)) {
    chain.push(cause)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return chain
}

const safeLines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => escapeControl(line))

const indented = (line: string): string => (line.startsWith('  ') ? line : `  ${line}`)

const ended = (lines: string[]): string => lines.map((line) => `${line}\n`).join('')
