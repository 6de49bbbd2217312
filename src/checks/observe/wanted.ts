import type { Absent, Failed } from '../../core/reading.ts'
import type { ServiceFacts, ServiceKind, ServiceTarget } from '../../core/service.ts'
import { noFigures, notRunning } from './figures.ts'

/** A service to be looked at: as the config names it, or as it was found. */
export interface Wanted {
  name: string
  target: ServiceTarget
  configured: boolean
}

export const kindOf = (target: ServiceTarget): ServiceKind =>
  target.type === 'pidfile' ? 'process' : target.type

/** A service of which there is nothing to measure: it is not there, or could not be asked. */
export const withoutFigures = (
  { name, target, configured }: Wanted,
  state: ServiceFacts['state'],
  stateDetail: string,
): ServiceFacts => ({
  name,
  kind: kindOf(target),
  target,
  configured,
  state,
  stateDetail,
  identity: null,
  mainPid: null,
  health: null,
  restarts: notRunning,
  ...noFigures(notRunning),
})

/** Why something could not be asked, for `stateDetail`. */
export const reasonOf = (reading: Absent | Failed): string =>
  reading.kind === 'absent' ? `there is no ${reading.what}` : `${reading.what}: ${reading.detail}`
