import type { CrashEvent, CrashEventKind } from '../core/crash-event.ts'
import type { Suspect, SuspectReason } from '../core/crash-story.ts'
import { clip } from '../core/escape.ts'
import { localStamp } from '../core/stamp.ts'
import { formatBytes, formatDuration, formatPercent, formatRate } from '../core/units.ts'
import { redact } from './redact.ts'

export const kindWords: Record<CrashEventKind, string> = {
  'oom-kill': 'killed for memory',
  segfault: 'segmentation fault',
  trap: 'trap',
  'soft-lockup': 'processor stuck',
  'hung-task': 'task hung',
  'io-error': 'I/O error',
  'fs-error': 'file system error',
  'kernel-oops': 'kernel oops',
  'kernel-panic': 'kernel panic',
  'under-voltage': 'under-voltage',
  thermal: 'too hot',
  'worker-timeout': 'worker lost',
  'heap-exhausted': 'heap exhausted',
  'container-exit': 'container died',
  'unit-failed': 'unit failed',
  boot: 'boot',
  'unclean-shutdown': 'unclean shutdown',
}

/** Secrets of others replaced, control characters visible, on one line. */
export const safeLine = (text: string, width: number): string => clip(redact(text), width)

export const timeWords = (atMs: number | null): string =>
  atMs === null ? 'time not known    ' : localStamp(atMs)

/** Who and how much: `python3 (4711) of app.service, held 5.9 GiB`. */
export const eventWords = (event: CrashEvent): string => {
  const { comm, pid, unit, container, bytes, kind, oom, message } = event
  if (kind !== 'oom-kill') return safeLine(message, 400)
  const who = comm === null ? '' : `${clip(comm, 40)}${pid === null ? '' : ` (${pid})`}`
  const owner = container === null ? (unit ?? '') : `container ${container.slice(0, 12)}`
  const by = oom === null ? '' : scopeWords[oom.scope]
  const parts = [
    [who, owner === '' ? '' : who === '' ? clip(owner, 80) : `of ${clip(owner, 80)}`]
      .filter(Boolean)
      .join(' '),
    ...(bytes === null ? [] : [`held ${formatBytes(bytes)}`]),
    ...(oom?.limitBytes == null ? [] : [`limit ${formatBytes(oom.limitBytes)}`]),
    by,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

const scopeWords = {
  global: 'the host had no memory left',
  memcg: 'its cgroup was at its limit',
  'systemd-unit': 'by the kernel, told by systemd',
  'systemd-oomd': 'by systemd-oomd',
  earlyoom: 'by a userspace OOM daemon',
  container: 'told by the container engine',
  unknown: '',
} as const

export const suspectWords = ({ name, reasons }: Suspect): string =>
  `${clip(name, 80)}: ${reasons.map(reasonWords).join(', ')}`

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)

export const reasonWords = (reason: SuspectReason): string => {
  switch (reason.code) {
    case 'killed': {
      const since =
        reason.firstAtMs === null || reason.count === 1 ? '' : ` since ${localStamp(reason.firstAtMs)}`
      return `killed for memory ${times(reason.count)}${since}`
    }
    case 'held': {
      const many = reason.processes > 1 ? ` in ${reason.processes} processes` : ''
      if (reason.limitBytes === null) return `held ${formatBytes(reason.bytes)}${many}`
      const share = formatPercent((reason.bytes / reason.limitBytes) * 100)
      return `held ${formatBytes(reason.bytes)}${many}, ${share} of its ${formatBytes(reason.limitBytes)} limit`
    }
    case 'victim-only':
      return `a victim more than the cause: ${clip(reason.holder, 40)} held ${formatBytes(reason.bytes)} then`
    case 'heap':
      return `its own heap ran out ${times(reason.count)}`
    case 'crashed':
      return `${reason.kind === 'segfault' ? 'segmentation fault' : 'trap'} ${times(reason.count)}`
    case 'hung':
      return `hung or lost workers ${times(reason.count)}`
    case 'failed':
      return `failed ${times(reason.count)}`
    case 'exited':
      return `died ${times(reason.count)}${reason.exitCode === null ? '' : ` with ${reason.exitCode}`}`
    case 'restarts':
      return `restarted ${times(reason.count)}: restarts hide a fault`
    case 'counted':
      return `the kernel counts ${reason.count} ${reason.count === 1 ? 'kill' : 'kills'} for memory in its cgroup`
    case 'grew':
      return `grew ${formatRate(reason.bytesPerMinute)} for ${formatDuration(reason.seconds)}${reason.culprit === null ? '' : ` (${reason.culprit})`}`
  }
}

/** What to do next about a suspect, the most telling reason first. */
export const nextStep = ({ kind, reasons }: Suspect): string => {
  const has = (code: SuspectReason['code']): boolean => reasons.some((one) => one.code === code)
  const grew = reasons.find((one) => one.code === 'grew')
  // As the history has it, which the logs' name of a unit or container is not.
  if (grew?.code === 'grew')
    return `it leaks: oratio-health trend --service ${clip(grew.service, 100)}; give it a restart budget until it is mended`
  const held = reasons.find((one) => one.code === 'held')
  if (has('victim-only')) return 'look at what held the memory first'
  if (held?.code === 'held' && held.processes > 10)
    return `${held.processes} processes of it were there: see who starts them; oratio-health kill-orphans ends what nobody tracks`
  const killed = reasons.find((one) => one.code === 'killed')
  const hadLimit =
    (held?.code === 'held' && held.limitBytes !== null) ||
    (killed?.code === 'killed' && ['memcg', 'container', 'systemd-unit'].includes(killed.scope))
  if (killed !== undefined && hadLimit)
    return `watch it grow (oratio-health check), then raise its limit or mend the leak`
  if (killed !== undefined)
    return kind === 'program'
      ? 'run it in a unit or container with a memory limit'
      : 'give it a memory limit, so that it takes nothing else along'
  if (has('heap')) return 'take a heap dump before it ends (a hook `at:` a size), or raise its heap limit'
  if (has('counted')) return 'watch it grow (oratio-health check), then raise its limit or mend the leak'
  if (has('crashed')) return 'see its core dump: coredumpctl info'
  if (has('restarts')) return 'see why it ends: its log of the minute before each restart'
  if (has('hung')) return 'see what its workers wait for: its log, disks and databases'
  return 'see its log'
}
