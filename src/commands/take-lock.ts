import { exitCode, HealthError } from '../core/errors.ts'
import { formatDuration } from '../core/units.ts'
import type { Host } from '../host/host.ts'

/**
 * The lock's path while it is held; null where the state folder cannot hold one.
 *
 * @throws HealthError 75 when another run holds it
 */
export const takeLock = (host: Host, stateDir: string, name: string): string | null => {
  const path = `${stateDir}/${name}.lock`
  if (host.save.ensureFolder(stateDir).kind !== 'value') return null
  const taken = host.save.takeLock(path)
  if (taken.kind !== 'value') return null
  if (taken.value.held) return path
  const { holderPid, sinceMs } = taken.value
  const who = holderPid === null ? 'another run' : `process ${holderPid}`
  const since = sinceMs === null ? '' : `, for ${formatDuration((host.now() - sinceMs) / 1000)}`
  throw new HealthError(
    exitCode.lockHeld,
    `${name} is already running (${who}${since}); nothing was done`,
    `if it hangs, end it; the lock is ${path} and frees itself`,
  )
}
