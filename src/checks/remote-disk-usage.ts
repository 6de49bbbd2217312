import type { DiskUsage } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'
import type { Host } from '../host/host.ts'
import { percentOf } from './percent.ts'

const timeoutMs = 3000

/**
 * Space of a configured network or FUSE mount, asked for by `stat -f` (stat(1)) in a process of its own: statfs(2) in
 * this one could not be interrupted when the server is gone. A first line such as `4096 1000 500 480 6400 6000`:
 * block size, blocks, free, available; inodes, free inodes.
 */
export const remoteDiskUsage = async (host: Pick<Host, 'run'>, path: string): Promise<Reading<DiskUsage>> => {
  const record = await host.run(['stat', '-f', '-c', '%S %b %f %a %c %d', '--', path], { timeoutMs })
  if (record.kind !== 'value') return record
  if (record.value.exitCode !== 0)
    return failed(
      record.value.exitCode === null ? 'timeout' : 'io',
      path,
      record.value.stderr.trim() || 'stat -f failed',
    )
  return parseStatF(record.value.stdout, path)
}

const parseStatF = (text: string, path: string): Reading<DiskUsage> => {
  const figures = text.trim().split(' ').map(Number)
  const [blockSize = 0, blocks = 0, free = 0, available = 0, inodes = 0, freeInodes = 0] = figures
  if (figures.length !== 6 || !figures.every(Number.isSafeInteger))
    return failed('malformed', path, 'stat -f answered in no known form')
  const used = blocks - free
  return value({
    totalBytes: blocks * blockSize,
    availableBytes: available * blockSize,
    // As df(1) has it: what root keeps for itself counts as used.
    usedPercent: percentOf(used, used + available),
    totalInodes: inodes,
    usedInodesPercent: inodes > 0 ? percentOf(inodes - freeInodes, inodes) : null,
  })
}
