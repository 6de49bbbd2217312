import { readdirSync } from 'node:fs'
import type { ProcessKey } from '../core/action.ts'
import type { HostBase } from './base.ts'
import { readKernelBytes } from './kernel-file.ts'
import { sendSignal, statOf } from './signal.ts'

/** Set for the shell text of the config alone, to a number that nobody else knows; every child inherits it. */
export const markName = 'ORATIO_HEALTH_RUN'

/** The kernel passes at most 128 KiB in one string (MAX_ARG_STRLEN); what has more before the mark is not found. */
const mostBytes = 512 * 1024

/**
 * Signals every process that was started with this mark in its environment (proc(5), /proc/PID/environ), whatever
 * session it went to: `setsid` leaves a group, not its environment. Returns how many got it. Not found is what was
 * started with another environment (`env -i`, `sudo`, a service manager). Synchronous, so that it can be done as we end.
 */
export const signalMarked = (base: HostBase, mark: string, signal: 'SIGTERM' | 'SIGKILL'): number =>
  marked(base, mark).filter((process) => sendSignal(base, process, signal, null) === 'sent').length

const marked = (base: HostBase, mark: string): ProcessKey[] => {
  const wanted = Buffer.from(`\0${markName}=${mark}\0`)
  return pids(base).flatMap((pid) => {
    // The start time first: should the pid come round between, the signal is refused.
    const stat = statOf(base, pid)
    if (stat.kind !== 'value' || stat.value.isKernelThread || stat.value.state === 'Z') return []
    // The read would wait for the lock of its memory, which one in uninterruptible sleep may hold for ever.
    if (stat.value.state === 'D') return []
    const environ = readKernelBytes(base, `/proc/${pid}/environ`, mostBytes)
    if (environ.kind !== 'value') return []
    const isOurs = Buffer.concat([Buffer.of(0), environ.value]).includes(wanted)
    return isOurs ? [{ pid, startTicks: stat.value.startTicks }] : []
  })
}

const pids = (base: HostBase): number[] => {
  try {
    return readdirSync(base.at('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    // No /proc: then the group alone is ended.
    return []
  }
}
