import { clip, escapeControl } from '../core/escape.ts'
import type { LogLevel } from '../core/log-line.ts'
import { type Reading, value, valueOrNull } from '../core/reading.ts'
import { freshMemory, maxRestarts, scheduledCause } from '../core/restart-memory.ts'
import { localStamp, parseLocalStamp } from '../core/stamp.ts'
import type { HostSave } from '../host/host.ts'
import { freshRestarts, type ServiceRestarts } from './restart-state.ts'

const [dayMs, maxBytes] = [86_400_000, 5 * 1024 * 1024]

/** What the restart history tells of: by this toolkit but for `by-engine` and `by-systemd`. */
export const ledgerEvents = [
  /** It is up again. */
  'restarted',
  /** It was tried, and used up the budget all the same. */
  'restart-failed',
  'gave-up',
  /** By `--reset`: counters and budget began anew. */
  'reset',
  'by-engine',
  'by-systemd',
] as const
export type LedgerEvent = (typeof ledgerEvents)[number]

export interface LedgerLine {
  /** Epoch milliseconds; the log has whole seconds. */
  atMs: number
  service: string
  event: LedgerEvent
  /** Why and how it went; one line, from whomever. */
  detail: string
}

const levels: Readonly<Record<LedgerEvent, LogLevel>> = {
  restarted: 'WARN',
  'restart-failed': 'CRIT',
  'gave-up': 'CRIT',
  reset: 'INFO',
  'by-engine': 'WARN',
  'by-systemd': 'WARN',
}

/** `[2026-01-31 03:00:00] WARN electron-cash restarted: 3 failed checks in a row`. */
export const ledgerText = ({ atMs, service, event, detail }: LedgerLine): string => {
  const why = detail === '' ? '' : `: ${clip(detail, 1000)}`
  return `[${localStamp(atMs)}] ${levels[event]} ${escapeControl(service)} ${event}${why}\n`
}

const lineForm = new RegExp(
  `^\\[(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)\\] (?:INFO|WARN|CRIT|ERROR) (\\S{1,400}) (${ledgerEvents.join('|')})(?:: (.*))?$`,
)

/** What a ledger tells; lines of another form, or cut off, are left out. */
export const parseLedger = (text: string): LedgerLine[] =>
  text.split('\n').flatMap((line) => {
    const [, stamp = '', service = '', event, detail = ''] = lineForm.exec(line) ?? []
    const atMs = parseLocalStamp(stamp)
    return atMs === null || event === undefined
      ? []
      : [{ atMs, service, event: event as LedgerEvent, detail }]
  })

/** So far back a lost budget is rebuilt. */
const rebuiltMs = 31 * dayMs

/**
 * When this toolkit restarted each service, for the budget of a state that was lost. A reset forgets what was before
 * it. Stamps of the future become now: whatever the clock was, those restarts were.
 */
export const restartsFromLedger = (text: string, nowMs: number): Map<string, number[]> => {
  const restarts = new Map<string, Set<number>>()
  for (const { atMs, service, event, detail } of parseLedger(text)) {
    if (event === 'reset') restarts.delete(service)
    // By plan: not of the budget.
    if (detail.startsWith(scheduledCause)) continue
    if ((event !== 'restarted' && event !== 'restart-failed') || nowMs - atMs > rebuiltMs) continue
    // A set: a rotation that was killed in the middle leaves lines twice.
    const known = restarts.get(service)
    if (known) known.add(Math.min(atMs, nowMs))
    else restarts.set(service, new Set([Math.min(atMs, nowMs)]))
  }
  return new Map(
    [...restarts].map(([service, stamps]) => [
      service,
      [...stamps].sort((a, b) => a - b).slice(-maxRestarts),
    ]),
  )
}

/**
 * Fills in the services that the state does not know from the ledger, so that a lost state file does not refill the
 * budget. Those of the last day count as in a row: a good check forgets them, until then it waits longer.
 */
export const withLedger = (
  known: Readonly<Record<string, ServiceRestarts>>,
  fromLedger: ReadonlyMap<string, number[]>,
  nowMs: number,
): Record<string, ServiceRestarts> => {
  const all: Record<string, ServiceRestarts> = Object.assign(Object.create(null), known)
  for (const [service, restartedAtMs] of fromLedger) {
    if (Object.hasOwn(all, service)) continue
    const restartsInARow = restartedAtMs.filter((atMs) => nowMs - atMs < dayMs).length
    all[service] = { ...freshRestarts, memory: { ...freshMemory, restartedAtMs, restartsInARow } }
  }
  return all
}

export const ledgerPath = (logDir: string): string => `${logDir}/restart_history.log`

/** Adds one line; at 5 MB the log becomes `restart_history.log.1`, and the one before it goes. */
export const appendLedger = (save: HostSave, logDir: string, line: LedgerLine): Reading<true> => {
  const folder = save.ensureFolder(logDir)
  if (folder.kind !== 'value') return folder
  const path = ledgerPath(logDir)
  const info = save.info(path)
  if (info.kind === 'value' && info.value.sizeBytes >= maxBytes) rotate(save, path)
  return save.append(path, ledgerText(line))
}

/** The ledger with the one before it, oldest first; empty where there is none, or it cannot be read. */
export const readLedger = (save: HostSave, logDir: string): string => {
  const path = ledgerPath(logDir)
  return [`${path}.1`, path].map((one) => valueOrNull(save.readText(one)) ?? '').join('')
}

/** One that cannot be read to be copied (it grew beyond all bounds) is moved aside; where nothing helps it grows on. */
const rotate = (save: HostSave, path: string): Reading<unknown> => {
  const text = save.readText(path)
  if (text.kind !== 'value') return save.setAside(path)
  const copied = save.replace(`${path}.1`, text.value)
  return copied.kind === 'value' ? save.remove(path) : value(false)
}
