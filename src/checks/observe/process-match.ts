import type { ProcessStat } from '../../core/facts.ts'
import { failed, type Reading, value } from '../../core/reading.ts'
import type { ServiceTarget } from '../../core/service.ts'
import { isGone } from './figures.ts'
import type { Snapshot } from './snapshot.ts'

export type ProcessTarget = Extract<ServiceTarget, { type: 'process' }>

/** The processes a target means. Fails when none is found but one could not be looked at closely enough. */
export const matchProcesses = (
  snapshot: Snapshot,
  { match, user, exe }: ProcessTarget,
): Reading<ProcessStat[]> => {
  const uid = user === null ? value(null) : (snapshot.userIds.get(user) ?? notTried(`user ${user}`))
  if (uid.kind !== 'value') return withKey(uid)
  const matched = snapshot.matched.get(match) ?? notTried(`match ${match}`)
  if (matched.kind !== 'value') return matched
  const found: ProcessStat[] = []
  let doubt: Reading<never> | null = null
  for (const stat of matched.value) {
    const fits = and(hasUid(snapshot, stat.pid, uid.value), () =>
      hasExe(snapshot.host.processes.executable, stat.pid, exe),
    )
    if (fits.kind === 'value' && fits.value) found.push(stat)
    if (fits.kind === 'failed' && !isGone(fits)) doubt = fits
  }
  return found.length === 0 && doubt !== null ? doubt : value(found)
}

/** A user that nobody knows is hardly missing on the host: his name is wrong. */
const withKey = (reading: Exclude<Reading<unknown>, { kind: 'value' }>): Reading<never> =>
  reading.kind === 'failed' && reading.cause === 'malformed'
    ? { ...reading, detail: `${reading.detail}; correct process.user of this service` }
    : reading

const notTried = (what: string): Reading<never> => failed('refused', what, 'it was not tried')

const and = (first: Reading<boolean>, second: () => Reading<boolean>): Reading<boolean> =>
  first.kind === 'value' && !first.value ? first : combine(first, second())

const combine = (first: Reading<boolean>, second: Reading<boolean>): Reading<boolean> =>
  first.kind === 'value' || (second.kind === 'value' && !second.value) ? second : first

const hasUid = ({ host }: Snapshot, pid: number, uid: number | null): Reading<boolean> => {
  if (uid === null) return value(true)
  const memory = host.processes.memory(pid)
  return memory.kind === 'value' ? value(memory.value.uid === uid) : memory
}

/** By the whole path. The kernel adds ` (deleted)` after an upgrade. */
export const hasExe = (
  executable: (pid: number) => Reading<string>,
  pid: number,
  exe: string | null,
): Reading<boolean> => {
  if (exe === null) return value(true)
  const reading = executable(pid)
  if (reading.kind !== 'value') return reading
  return value(reading.value.replace(/ \(deleted\)$/, '') === exe)
}
