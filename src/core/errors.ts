import type { Status } from './finding.ts'

/** Exit statuses: Nagios plugin convention for 0–3, sysexits.h for the rest, 128 + signal for signals. */
export const exitCode = {
  ok: 0,
  warning: 1,
  critical: 2,
  unknown: 3,
  usage: 64,
  lockHeld: 75,
  noPermission: 77,
  badConfig: 78,
  interrupted: 130,
  terminated: 143,
} as const

/** Of a run that a signal has ended, as a shell has it. */
export const endStatus = { SIGHUP: 129, SIGINT: exitCode.interrupted, SIGTERM: exitCode.terminated } as const

export const exitCodeOf = (status: Status): number => exitCode[status]

/**
 * An error a person can mend: it names the thing, the place and the mend, and is shown as one or a few lines
 * without a stack. Every other error is a defect of ours and keeps its stack.
 */
export class HealthError extends Error {
  readonly code: number
  readonly mend: string | null
  constructor(code: number, message: string, mend: string | null = null) {
    super(message)
    this.name = 'HealthError'
    this.code = code
    this.mend = mend
  }
}
