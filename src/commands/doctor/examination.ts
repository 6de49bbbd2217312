import type { LoadedConfig } from '../../config/config.ts'
import type { HealthError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import type { GlobalOptions } from '../command.ts'
import type { Schedule } from './read-schedule.ts'

/** What the examinations look at; none of them changes anything. */
export interface Subject {
  host: Host
  global: GlobalOptions
  config: { kind: 'loaded'; loaded: LoadedConfig } | { kind: 'invalid'; error: HealthError }
  schedule: Schedule
}

/** One thing that this toolkit needs or that its users trip over. To add one: its file and its line in examinations.ts. */
export interface Examination {
  name: string
  /** No verdict where there is nothing to say, e.g. of a captured host that cannot be asked. */
  examine(subject: Subject): Verdict[] | Promise<Verdict[]>
}

export const fine = (message: string, hint: string | null = null): Verdict => ({
  status: 'ok',
  message,
  mend: hint,
})

export const warning = (message: string, mend: string | null): Verdict => ({
  status: 'warning',
  message,
  mend,
})

export const critical = (message: string, mend: string | null): Verdict => ({
  status: 'critical',
  message,
  mend,
})

export const unknown = (message: string, mend: string | null): Verdict => ({
  status: 'unknown',
  message,
  mend,
})
