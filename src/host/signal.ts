import { closeSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import type { ProcessKey } from '../core/action.ts'
import type { ProcessStat } from '../core/facts.ts'
import type { Reading } from '../core/reading.ts'
import { parsePidStat } from '../parse/pid-stat.ts'
import type { HostBase } from './base.ts'
import { errnoOf } from './errno.ts'
import { readKernelText } from './kernel-file.ts'
import type { Pidfds } from './syscalls.ts'

export type Signal = 'SIGTERM' | 'SIGKILL' | 'SIGCONT'

export type SignalAnswer =
  | 'sent'
  /** The process has ended, and was reaped. */
  | 'gone'
  /** The pid is another process's by now. */
  | 'changed'
  /** Not allowed by the kernel, or by this function; nothing was sent. */
  | 'denied'

/** PID_MAX_LIMIT of the kernel's include/linux/threads.h. */
const maxPid = 4_194_304

/**
 * Sends a signal to exactly this process or to none. Its start time is read anew before every signal; never a pid of
 * 2 or less (init, kthreadd; 0 and below are groups, -1 is everybody), never ourselves, never where /proc is that of
 * another pid namespace than the one that kill(2) takes pids from.
 *
 * With `pidfds` there is no gap: the descriptor is opened first, so the start time that is then read is of the
 * process that gets the signal. Without (null) some microseconds lie between the reading and kill(2), in which the
 * process would have to end, be reaped, and its pid come round again.
 */
export const sendSignal = (
  base: HostBase,
  identity: ProcessKey,
  signal: Signal,
  pidfds: Pidfds | null,
): SignalAnswer => {
  if (!mayBeSignalled(base, identity.pid)) return 'denied'
  const opened = pidfds?.open(identity.pid) ?? { kind: 'unable' }
  if (opened.kind === 'gone' || opened.kind === 'denied') return opened.kind
  if (opened.kind === 'unable' || pidfds === null) return sendByPid(base, identity, signal)
  try {
    const refusal = refusalOf(base, identity)
    if (refusal !== null) return refusal
    const answer = pidfds.signal(opened.fd, constants.signals[signal])
    if (answer.kind === 'unable') return sendByPid(base, identity, signal)
    return answer.kind === 'done' ? 'sent' : answer.kind
  } finally {
    closeSync(opened.fd)
  }
}

/** Whether that would reach a process, asked by kill(2)'s signal 0, which is sent to nobody; true also where it has ended. */
export const maySignal = (base: HostBase, pid: number): boolean => {
  if (!mayBeSignalled(base, pid)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'ESRCH'
  }
}

const sendByPid = (base: HostBase, identity: ProcessKey, signal: Signal): SignalAnswer => {
  const refusal = refusalOf(base, identity)
  if (refusal !== null) return refusal
  try {
    process.kill(identity.pid, signal)
    return 'sent'
  } catch (error) {
    return errnoOf(error) === 'ESRCH' ? 'gone' : 'denied'
  }
}

const mayBeSignalled = (base: HostBase, pid: number): boolean =>
  base.live &&
  Number.isSafeInteger(pid) &&
  pid > 2 &&
  pid <= maxPid &&
  pid !== base.pid &&
  pid !== process.pid &&
  procIsOurs(base)

/** After `unshare --pid` without a mount of /proc the pids that /proc lists are those of the namespace above. */
const procIsOurs = (base: HostBase): boolean => {
  try {
    return readlinkSync(base.at('/proc/self')) === String(process.pid)
  } catch {
    // Not mounted, or the link is not to be read: then no process can be told from another.
    return false
  }
}

const refusalOf = (base: HostBase, { pid, startTicks }: ProcessKey): SignalAnswer | null => {
  const stat = statOf(base, pid)
  // What cannot be recognised gets no signal.
  if (stat.kind !== 'value') return stat.kind === 'failed' && stat.cause === 'vanished' ? 'gone' : 'denied'
  if (stat.value.startTicks !== startTicks) return 'changed'
  return stat.value.isKernelThread ? 'denied' : null
}

/** One process as it is now; `failed('vanished')` when there is none. */
export const statOf = (base: HostBase, pid: number): Reading<ProcessStat> => {
  const text = readKernelText(base, `/proc/${pid}/stat`)
  // The page size only matters to its size in memory, which nobody asks for here.
  return text.kind === 'value' ? parsePidStat(text.value, 4096) : text
}
