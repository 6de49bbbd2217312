import { exitCode, HealthError } from '../core/errors.ts'
import type { HostSave } from '../host/host.ts'
import { statePath } from '../store/paths.ts'

/** Of records that are there, or may be, and are not for this user: without them nothing can be said. */
export const mayNotRead = (what: string): HealthError =>
  new HealthError(
    exitCode.noPermission,
    `this user may not read ${what}`,
    'run it as its owner, or give --state-dir',
  )

/**
 * A full or read-only disk stops no run. Records of somebody else are another matter: what they say is not known, and
 * not that there are none.
 *
 * @throws HealthError 77
 */
export const requireReadable = (save: HostSave, stateDir: string): void => {
  const state = save.readText(statePath(stateDir))
  if (state.kind === 'failed' && state.cause === 'denied') throw mayNotRead(stateDir)
}
