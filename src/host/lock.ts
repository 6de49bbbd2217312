import { renameSync, statSync } from 'node:fs'
import { failed, type Reading, value } from '../core/reading.ts'
import { parsePidStat } from '../parse/pid-stat.ts'
import { attempt, errnoOf } from './errno.ts'
import type { LockResult } from './host.ts'
import { refusedFolder, type Writer } from './own-folder.ts'
import { readRegularFile } from './read.ts'
import { linkIfMissing, unlinkIfThere, withTemporary } from './replace-file.ts'

/**
 * A lock is a file that names its holder: `PID START-TICKS BOOT-ID`. Pid, start time and boot together name a process
 * for good, so a holder that was killed, whose pid another has by now, or that ran before a reboot is stale.
 *
 * It appears whole: link(2) of a file that is written already, and fails when there is one. Node has no flock(2).
 *
 * Taking over a stale one is where lock files go wrong: A and B both find it stale, A removes it and makes its own, B
 * removes *that* and makes its own too. So a lock that is there is only ever touched (1) by its living holder, who
 * removes it, or (2) by who holds the guard, a lock of the same kind at `PATH.guard`, and has found the lock stale
 * *while holding the guard*. Then two can never both replace one stale lock: they would both hold the guard. The
 * guard's own holder may be killed too; its stale guard is taken over in the same way, by `PATH.guard.guard`. For two
 * to win there the same must hold one level up, and at the last level nothing stale is touched at all. (1) and (2) do
 * not meet, since what is dead does not remove anything. A person who removes a lock by hand can break this.
 *
 * Text that no writer of ours made (an empty file after a power cut) is stale: a living holder's file is whole.
 * Processes must see each other: two containers that share a state folder see stale locks in each other's.
 */
export const takeLock = (path: string, writer: Writer): Reading<LockResult> =>
  refusedFolder(path, writer) ?? attempt(path, () => takeAtLevel(path, ownHolder(writer.pid), writer, 0))

/** Removes the lock if it is ours; another's stays. Never throws: a lock that stays is stale as soon as we ended. */
export const releaseLock = (path: string, writer: Writer): void => {
  const text = readLock(path)
  if (text.kind === 'value' && text.value === textOf(ownHolder(writer.pid)))
    attempt(path, () => value(unlinkIfThere(path)))
}

interface Holder {
  pid: number
  /** 0 where /proc does not tell. */
  startTicks: number
  /** `-` where /proc does not tell. */
  bootId: string
}

// Three guards are all stale only after three kills, each within the microseconds a take-over lasts.
const maxLevel = 3

// A holder that lets go between our link and our look leaves nothing to look at.
const maxTries = 20

const takeAtLevel = (path: string, own: Holder, writer: Writer, level: number): Reading<LockResult> =>
  withTemporary(path, { text: textOf(own), mode: 0o640, durable: false }, writer, (temporary) => {
    for (let tries = 0; tries < maxTries; tries++) {
      if (linkIfMissing(temporary, path)) return value<LockResult>({ held: true })
      const found = look(path)
      if (found === 'free') continue
      if (found !== 'stale') return found
      if (level === maxLevel) return failed('io', path, 'is stale, and so are its guards; remove them')
      return takeOver(path, temporary, () => takeAtLevel(`${path}.guard`, own, writer, level + 1))
    }
    return heldBySomeone
  })

const takeOver = (
  path: string,
  temporary: string,
  takeGuard: () => Reading<LockResult>,
): Reading<LockResult> => {
  const guarded = takeGuard()
  // Whoever holds the guard is about to hold the lock.
  if (guarded.kind !== 'value' || !guarded.value.held) return guarded
  try {
    const found = look(path)
    if (found === 'free') return linkIfMissing(temporary, path) ? value({ held: true }) : heldBySomeone
    if (found !== 'stale') return found
    renameSync(temporary, path)
    return value({ held: true })
  } finally {
    unlinkIfThere(`${path}.guard`)
  }
}

const heldBySomeone: Reading<LockResult> = value({ held: false, holderPid: null, sinceMs: null })

/** What is the matter with a lock that was there a moment ago: who holds it, or why nobody can tell. */
const look = (path: string): Reading<LockResult> | 'stale' | 'free' => {
  const text = readLock(path)
  if (text.kind === 'absent') return 'free'
  if (text.kind === 'failed') return text
  const holder = parseHolder(text.value)
  if (holder === null || isGone(holder)) return 'stale'
  const stats = statSync(path, { throwIfNoEntry: false })
  return value({ held: false, holderPid: holder.pid, sinceMs: stats ? Math.round(stats.mtimeMs) : null })
}

const readLock = (path: string): Reading<string> =>
  readRegularFile(path, path, { maxBytes: 4096, followLast: false })

const textOf = ({ pid, startTicks, bootId }: Holder): string => `${pid} ${startTicks} ${bootId}\n`

/** Null for text that no writer of ours made. */
const parseHolder = (text: string): Holder | null => {
  const match = /^([1-9]\d{0,6}) (\d{1,15}) ([0-9a-f-]{1,36})\n$/.exec(text)
  return match && { pid: Number(match[1]), startTicks: Number(match[2]), bootId: match[3] ?? '-' }
}

const ownHolder = (pid: number): Holder => ({
  pid,
  startTicks: statOf(pid)?.startTicks ?? 0,
  bootId: readBootId(),
})

/** True only when it is certain: what /proc hides (`hidepid`) or does not tell lives. */
const isGone = ({ pid, startTicks, bootId }: Holder): boolean => {
  const bootNow = readBootId()
  if (bootId !== '-' && bootNow !== '-' && bootId !== bootNow) return true
  if (!isThere(pid)) return true
  const stat = statOf(pid)
  if (stat === null) return false
  // A zombie runs no more; in a container without an init it may stay for ever.
  return stat.state === 'Z' || stat.state === 'X' || (startTicks !== 0 && stat.startTicks !== startTicks)
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: another user's process.
    return errnoOf(error) !== 'ESRCH'
  }
}

const statOf = (pid: number): { state: string; startTicks: number } | null => {
  const text = readKernel(`/proc/${pid}/stat`)
  if (text === null) return null
  const stat = parsePidStat(text, 1)
  return stat.kind === 'value' ? stat.value : null
}

const readBootId = (): string => {
  const bootId = readKernel('/proc/sys/kernel/random/boot_id')?.trim()
  return bootId && /^[0-9a-f-]{1,36}$/.test(bootId) ? bootId : '-'
}

const readKernel = (path: string): string | null => {
  const text = readRegularFile(path, path, { maxBytes: 64 * 1024, followLast: true })
  return text.kind === 'value' ? text.value : null
}
