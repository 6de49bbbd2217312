import { closeSync, readdirSync, readSync } from 'node:fs'
import type { ProcessStat } from '../core/facts.ts'
import { type Absent, absent, type Failed, failed, mapReading, type Reading, value } from '../core/reading.ts'
import { parsePidStat } from '../parse/pid-stat.ts'
import type { HostBase } from './base.ts'
import { goneOrFailed, openResolved } from './kernel-file.ts'

export interface RawScan {
  processes: ProcessStat[]
  /** How many were listed but could not be read, though they had not vanished. */
  unread: number
}

/** A stat line has 52 numbers and a name of at most 64 bytes (kernel workers): 1.2 KB at the very most. */
const buffer = Buffer.allocUnsafeSlow(4096)

/**
 * One pass over the numbered folders of /proc. A process that ends meanwhile is left out (ENOENT when its file is
 * opened, ESRCH when it is read); one that may not be read is counted; anything else (no file descriptors left, an
 * I/O error) fails the scan, since an unknown number of processes would be missing.
 */
export const scanProc = (base: HostBase, pageBytes: number): Reading<RawScan> => {
  const proc = base.at('/proc')
  const names = pidNames(proc, base.live)
  if (names.kind !== 'value') return names
  const scan: RawScan = { processes: [], unread: 0 }
  for (const name of names.value) {
    const stat = readStat(`${proc}/${name}/stat`, base.live, pageBytes)
    if (stat.kind === 'value') scan.processes.push(stat.value)
    else if (isUnread(stat)) scan.unread++
    else if (!hasVanished(stat)) return stat
  }
  if (scan.processes.length + scan.unread > 0) return value(scan)
  return base.live ? failed('io', '/proc', 'lists no process; is it mounted?') : absent('captured processes')
}

/** Who is there now, by number alone: a hundredth of what a scan takes. */
export const listPids = (base: HostBase): Reading<number[]> =>
  mapReading(pidNames(base.at('/proc'), base.live), (names) => names.map(Number))

const hasVanished = (reading: Absent | Failed): boolean =>
  reading.kind === 'failed' && reading.cause === 'vanished'

const isUnread = (reading: Absent | Failed): boolean =>
  reading.kind === 'failed' && (reading.cause === 'denied' || reading.cause === 'malformed')

/** In a captured folder a link in place of a process could lead out of it: folders only. */
const pidNames = (proc: string, live: boolean): Reading<string[]> => {
  try {
    if (live) return value(readdirSync(proc).filter(isPid))
    const entries = readdirSync(proc, { withFileTypes: true })
    return value(entries.filter((e) => e.isDirectory() && isPid(e.name)).map((e) => e.name))
  } catch (error) {
    const failure = goneOrFailed(error, '/proc')
    return hasVanished(failure) && !live ? value([]) : failure
  }
}

const isPid = (name: string): boolean => {
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i)
    if (c < 48 || c > 57) return false
  }
  return name !== ''
}

const readStat = (path: string, live: boolean, pageBytes: number): Reading<ProcessStat> => {
  try {
    const fd = openResolved(path, live)
    try {
      const length = readSync(fd, buffer, 0, buffer.length, null)
      return parsePidStat(buffer.toString('utf8', 0, length), pageBytes)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return goneOrFailed(error, path)
  }
}
