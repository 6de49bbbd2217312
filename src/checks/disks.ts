import type { DiskUsage } from '../core/facts.ts'
import { list, path, percent, record, threshold } from '../core/field.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import { type MountLookup, mountLookup } from '../core/mounts.ts'
import { mapReading, mustBeThere, type Reading, value, valueOrNull } from '../core/reading.ts'
import type { Host } from '../host/host.ts'
import { type HostCheck, unreadable } from './check.ts'
import { chooseMounts } from './mounts-of-interest.ts'
import { remoteDiskUsage } from './remote-disk-usage.ts'

export interface DiskItem {
  /** Mount point, or the configured path. */
  item: string
  /** Of the file system, e.g. `ext4`; null where it is not known. */
  type: string | null
  usage: Reading<DiskUsage> | { kind: 'skipped'; reason: 'network' | 'fuse' | 'denied' }
}

const limits = record('Space and inodes in use, of disks and of file systems in RAM', {
  warn: threshold(percent('Share in use', 80)),
  crit: threshold(percent('Share in use', 95)),
  paths: list(
    'Look at the file systems of these paths; not given: at all that are mounted',
    path('Path', ''),
  ),
})

type Limits = typeof limits.default

export const disks: HostCheck<Limits, DiskItem[]> = {
  scope: 'host',
  name: 'disks',
  limits,

  async read(host, { paths }): Promise<Reading<DiskItem[]>> {
    if (paths.length === 0) return readMounted(host)
    const mountOf = mountLookup(valueOrNull(host.files.mounts()) ?? [])
    const items = [...new Set(paths)].map((item) => readConfigured(host, item, mountOf))
    return value(await Promise.all(items))
  },

  judge(facts, thresholds): Finding[] {
    return facts.flatMap((item) => judgeItem(item, thresholds))
  },
}

const readMounted = (host: Host): Reading<DiskItem[]> =>
  mapReading(mustBeThere(host.files.mounts()), (mounts) => {
    const { measured, skipped } = chooseMounts(mounts)
    const items = measured.map(
      ({ mountPoint, type }): DiskItem => ({
        item: mountPoint,
        type,
        usage: unlessDenied(host.files.diskUsage(mountPoint)),
      }),
    )
    const notes = skipped.map(
      ({ mountPoint, type }): DiskItem => ({
        item: mountPoint,
        type,
        usage: { kind: 'skipped', reason: type.startsWith('fuse') ? 'fuse' : 'network' },
      }),
    )
    // Unmounted meanwhile, or not in the capture: nothing to say.
    return [...items, ...notes].filter(({ usage }) => !isGone(usage))
  })

const isGone = (usage: DiskItem['usage']): boolean =>
  usage.kind === 'absent' || (usage.kind === 'failed' && usage.cause === 'vanished')

/** A mount below a folder that is closed to an ordinary user is no fault of the host when nobody asked for it. */
const unlessDenied = (usage: Reading<DiskUsage>): DiskItem['usage'] =>
  usage.kind === 'failed' && usage.cause === 'denied' ? { kind: 'skipped', reason: 'denied' } : usage

const readConfigured = async (host: Host, item: string, mountOf: MountLookup): Promise<DiskItem> => {
  const usage = host.files.diskUsage(item)
  const mayHang = usage.kind === 'failed' && usage.cause === 'refused'
  return {
    item,
    type: mountOf(item)?.type ?? null,
    usage: mayHang ? await remoteDiskUsage(host, item) : usage,
  }
}

const judgeItem = ({ item, type, usage }: DiskItem, { warn, crit }: Limits): Finding[] => {
  switch (usage.kind) {
    case 'value':
      return judgeUsage(item, type, usage.value, warn, crit)
    case 'skipped':
      return [note(item, 'skipped', 'ok', { type, reason: usage.reason })]
    case 'absent':
      return [note(item, 'not-found', 'unknown', {})]
    case 'failed':
      return [
        usage.cause === 'vanished'
          ? note(item, 'not-found', 'unknown', {})
          : unreadable('disks', usage, item),
      ]
  }
}

/** What can be filled: without what the file system keeps for root, which is not in df's Use% either. */
const usableBytes = ({ usedPercent, availableBytes, totalBytes }: DiskUsage): number =>
  usedPercent < 100 ? Math.min(totalBytes, Math.round(availableBytes / (1 - usedPercent / 100))) : totalBytes

const judgeUsage = (
  item: string,
  type: string | null,
  usage: DiskUsage,
  warn: number | null,
  crit: number | null,
): Finding[] => {
  const { usedPercent, usedInodesPercent, availableBytes, totalInodes } = usage
  const inRam = type === 'tmpfs' ? 1 : 0
  const space: Finding = {
    check: 'disks',
    code: 'level',
    status: judgeLevel(usedPercent, warn, crit),
    item,
    value: usedPercent,
    unit: 'percent',
    warn,
    crit,
    args: { availableBytes, totalBytes: usableBytes(usage), type, inRam },
  }
  if (usedInodesPercent === null) return [space]
  const inodes: Finding = {
    ...space,
    code: 'inodes',
    status: judgeLevel(usedInodesPercent, warn, crit),
    value: usedInodesPercent,
    args: { totalInodes, type, inRam },
  }
  return [space, inodes]
}

const note = (
  item: string,
  code: string,
  status: Finding['status'],
  args: NonNullable<Finding['args']>,
): Finding => ({ check: 'disks', code, status, item, value: null, unit: null, warn: null, crit: null, args })
