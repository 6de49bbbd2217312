import { closeSync, constants, openSync, readSync } from 'node:fs'
import { absent, type Reading, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { errnoOf, unreadableBy } from './errno.ts'
import type { LineBounds, LinesRead, TakeLine } from './host.ts'
import { monotonicMs } from './monotonic.ts'

/** The longest record the kernel gives, with what it says of the device (PRINTKRB_RECORD_MAX is 8 KiB at most). */
const recordBytes = 16 * 1024
const path = '/dev/kmsg'
const breathRecords = 2000

/**
 * The records of the kernel's ring buffer as /dev/kmsg gives them, one a read(2), without waiting for new ones
 * (dev-kmsg in the kernel's ABI documentation). A record that was overwritten meanwhile (EPIPE) is a gap, and reading
 * goes on behind it: then it is not complete.
 */
export const readKernelRing = async (
  base: HostBase,
  take: TakeLine,
  { maxMs }: LineBounds,
  opened: { read: typeof readSync } = { read: readSync },
): Promise<Reading<LinesRead>> => {
  if (!base.live) return absent(path)
  const endMs = monotonicMs() + maxMs
  let fd: number | null = null
  try {
    fd = openSync(base.at(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const record = Buffer.allocUnsafe(recordBytes)
    let [lines, complete] = [0, true]
    for (let reads = 1; ; reads++) {
      if (monotonicMs() > endMs) return read(lines, false)
      if (reads % breathRecords === 0) await new Promise((resolve) => setImmediate(resolve))
      const length = readRecord(opened.read, fd, record)
      if (length === 'end') return read(lines, complete)
      if (length === 'overwritten') complete = false
      else {
        lines++
        take(firstLine(record.toString('utf8', 0, length)))
      }
    }
  } catch (error) {
    return unreadableBy(error, path)
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

const read = (lines: number, complete: boolean): Reading<LinesRead> =>
  value({ complete, lines, modifiedAtMs: null })

const readRecord = (read: typeof readSync, fd: number, into: Buffer): number | 'end' | 'overwritten' => {
  try {
    const length = read(fd, into, 0, into.length, null)
    return length === 0 ? 'end' : length
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EAGAIN') return 'end'
    if (errno === 'EPIPE') return 'overwritten'
    throw error
  }
}

/** ` SUBSYSTEM=…` and ` DEVICE=…` follow on lines of their own. */
const firstLine = (record: string): string => record.split('\n', 1)[0] ?? ''
