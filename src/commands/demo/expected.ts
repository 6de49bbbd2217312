/** What a step of the demo has to end with, and to say. */
interface Expected {
  exitCodes: readonly number[]
  says?: { pattern: RegExp; otherwise: string }
}

/** By command. What is wrong with the host beside the demo makes a check worse, never better. */
const expected: Readonly<Record<string, Expected>> = {
  watch: { exitCodes: [0, 1, 2, 3] },
  trend: {
    exitCodes: [2],
    says: { pattern: /^LEAK /m, otherwise: 'trend sees no leak in what was measured' },
  },
  check: { exitCodes: [2] },
  'kill-orphans': {
    exitCodes: [0],
    says: {
      pattern: /; ended [1-9]/,
      otherwise:
        'kill-orphans has ended none of what the program leaves behind (`tail --pid`, GNU coreutils)',
    },
  },
  report: { exitCodes: [0] },
}

/** Null: the step went as it should; else what did not come. `exitCode` null: it never ended by itself. */
export const lackOf = (command: string, exitCode: number | null, text: string): string | null => {
  const { exitCodes, says } = expected[command] ?? { exitCodes: [0] }
  if (exitCode === null) return `${command} did not come to its end`
  if (says !== undefined && !says.pattern.test(text)) return `${says.otherwise} (status ${exitCode})`
  if (exitCodes.includes(exitCode)) return null
  return `${command} ended with status ${exitCode}, not with ${exitCodes.join(' or ')}`
}
