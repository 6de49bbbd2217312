import { closeSync, readdirSync, readSync } from 'node:fs'
import type { ProcessStat } from '../core/facts.ts'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import { parsePidStat } from '../parse/pid-stat.ts'
import type { HostBase } from './base.ts'
import { goneOrFailed, openKernelFile } from './kernel-file.ts'

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
  const names = pidNames(base)
  if (names.kind !== 'value') return names
  const scan: RawScan = { processes: [], unread: 0 }
  for (const name of names.value) {
    const stat = readStat(base, `/proc/${name}/stat`, pageBytes)
    if (stat.kind === 'value') scan.processes.push(stat.value)
    else if (stat.kind === 'failed' && stat.cause !== 'vanished') {
      if (stat.cause !== 'denied' && stat.cause !== 'malformed') return stat
      scan.unread++
    }
  }
  if (scan.processes.length + scan.unread > 0) return value(scan)
  return base.live ? failed('io', '/proc', 'lists no process; is it mounted?') : absent('captured processes')
}

const pidNames = (base: HostBase): Reading<string[]> => {
  try {
    return value(readdirSync(base.at('/proc')).filter(isPid))
  } catch (error) {
    const failure = goneOrFailed(error, '/proc')
    return failure.kind === 'failed' && failure.cause === 'vanished' && !base.live ? value([]) : failure
  }
}

const isPid = (name: string): boolean => {
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i)
    if (c < 48 || c > 57) return false
  }
  return name !== ''
}

const readStat = (base: HostBase, path: string, pageBytes: number): Reading<ProcessStat> => {
  try {
    const fd = openKernelFile(base, path)
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
