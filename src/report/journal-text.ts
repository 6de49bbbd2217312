import { clip, escapeControl } from '../core/escape.ts'
import type {
  IgnoredAssignment,
  JournalPlace,
  JournalStorage,
  JournalTraffic,
  LimitFault,
  LimitState,
} from '../core/journal.ts'
import type { Reading } from '../core/reading.ts'
import { formatBytes, formatDuration, formatPercent } from '../core/units.ts'
import { inkFor } from './color.ts'
import { failureWords } from './failure-words.ts'
import { table } from './table.ts'
import { lineCells, section, type View } from './view.ts'
import { wrapText } from './width.ts'

export interface JournalPicture {
  states: readonly LimitState[]
  faults: readonly LimitFault[]
  ignored: readonly IgnoredAssignment[]
  storage: JournalStorage
  /** Null: not asked, as of a captured host. */
  traffic: Reading<JournalTraffic> | null
  nowMs: number
}

/** `journal-limits status`: the keys, the storage, what is loud, what does not hold. */
export const journalText = (picture: JournalPicture, view: View): string => {
  const cells = lineCells(view.columns)
  const ink = inkFor(view.color)
  const paragraphs = (texts: readonly string[]): string[] =>
    texts.flatMap((text) =>
      wrapText(text, cells - 2).map((line, i) => (i === 0 ? `  ${line}` : `    ${line}`)),
    )
  const lines = [
    ...section('LIMITS', limitTable(picture.states, cells, view), ink),
    ...section('STORAGE', paragraphs(storageWords(picture)), ink),
    ...section('TRAFFIC', paragraphs(trafficWords(picture.traffic)), ink),
    ...section('WRONG', paragraphs(troubleWords(picture)), ink),
  ]
  return `${lines.slice(1).join('\n')}\n`
}

/** What a person should mend, one line each. */
export const troubleWords = ({ faults, ignored }: Pick<JournalPicture, 'faults' | 'ignored'>): string[] => [
  ...faults.map(faultWords),
  ...ignored.map(ignoredWords),
]

export const faultWords = (fault: LimitFault): string => {
  switch (fault.kind) {
    case 'overridden':
      return `${fault.key} is ${valueWords(fault.effective)} and not ${fault.wanted}: ${
        fault.source === null ? 'a later file resets it' : `${escapeControl(fault.source)} is read later`
      }; take it out there`
    case 'too-old':
      return `${fault.key} does nothing: systemd ${fault.version} does not know it (since ${fault.since})`
    case 'not-taken-up':
      return `${fault.key} is ${fault.wanted} in the files, but journald says ${formatBytes(fault.announcedBytes)}; restart systemd-journald`
  }
}

const ignoredWords = ({ path, line, key, value, why }: IgnoredAssignment): string => {
  const place = `${escapeControl(path)}:${line}`
  return why === 'unknown-key'
    ? `${place}: journald does not know ${clip(key, 40)} and skips it`
    : `${place}: ${key}=${clip(value, 40)} is no value that journald takes; it skips it`
}

const valueWords = (effective: string | null): string =>
  effective === null ? 'at its default' : clip(effective, 40)

const limitTable = (states: readonly LimitState[], cells: number, view: View): string[] => {
  if (states.length === 0)
    return ["  none is set, so systemd's defaults hold: 10 % of the file system, at most 4 GiB"]
  const rows = states.map(({ key, effective, source, wanted }) => [
    { text: key },
    { text: effective ?? 'default' },
    { text: wanted ?? '' },
    { text: source ?? '' },
  ])
  return table(
    [
      { title: '  KEY', align: 'left', rank: 0 },
      { title: 'IN FORCE', align: 'left', rank: 0, shrinksTo: { first: 16, last: 8 } },
      { title: 'WANTED', align: 'left', rank: 2, shrinksTo: { first: 16, last: 8 } },
      { title: 'SET IN', align: 'left', rank: 1, shrinksTo: { first: 24, last: 12 } },
    ],
    rows.map(([key, ...others]) => [{ text: `  ${key?.text ?? ''}` }, ...others]),
    cells,
    inkFor(view.color),
  )
}

const kinds: Record<JournalStorage['kind'], string> = {
  persistent: 'kept on disk, over a reboot',
  volatile: 'kept in memory only: it takes RAM, and a crash takes it along',
  none: 'kept nowhere (Storage=none)',
  unknown: 'no journal files were found, so it is not known where they are kept',
}

const storageWords = ({ storage, traffic, nowMs }: JournalPicture): string[] => [
  kinds[storage.kind],
  ...storage.places.flatMap(placeWords),
  ...historyWords(storage, traffic, nowMs),
]

const placeWords = ({ at, folder, usage, capBytes }: JournalPlace): string[] => {
  const where = at === 'disk' ? 'on disk' : 'in RAM'
  if (usage.kind === 'absent') return []
  if (usage.kind === 'failed')
    return [`${where}: not known, ${failureWords(usage.cause, usage.what, usage.detail).why}`]
  const share =
    capBytes === null || capBytes === 0
      ? ''
      : ` of ${formatBytes(capBytes)} (${formatPercent((usage.value / capBytes) * 100)})`
  return [`${where}: ${formatBytes(usage.value)}${share}, ${folder}`]
}

/** How long the journal reaches back, and how long it will at this rate once it is full. */
const historyWords = (
  storage: JournalStorage,
  traffic: JournalPicture['traffic'],
  nowMs: number,
): string[] => {
  const oldestAtMs = traffic?.kind === 'value' ? traffic.value.oldestAtMs : null
  if (oldestAtMs === null || oldestAtMs >= nowMs) return []
  const seconds = (nowMs - oldestAtMs) / 1000
  const kept = `it reaches back ${formatDuration(seconds)}`
  const place = storage.places.find(({ at }) => at === (storage.kind === 'persistent' ? 'disk' : 'memory'))
  // A new file is of 8 MiB from its first line on, so the rate of a young journal says nothing.
  if (seconds < 86_400 || place?.usage.kind !== 'value' || place.capBytes === null) return [kept]
  return [
    `${kept}; at this rate the cap holds ${formatDuration((seconds * place.capBytes) / Math.max(1, place.usage.value))}`,
  ]
}

const trafficWords = (traffic: JournalPicture['traffic']): string[] => {
  if (traffic === null || traffic.kind === 'absent') return []
  if (traffic.kind === 'failed') {
    const { why, mend } = failureWords(traffic.cause, traffic.what, traffic.detail)
    return [`not known: ${why}${mend === null ? '' : `; ${mend}`}`]
  }
  const { linesPerMinute, loudest, suppressed } = traffic.value
  return [
    `${perMinute(linesPerMinute)} over the last minutes`,
    ...loudest.map(({ unit, linesPerMinute: rate }) => `${clip(unit, 60)}: ${perMinute(rate)}`),
    ...suppressed
      .slice(0, 5)
      .map(({ unit, messages }) => `${clip(unit, 60)}: rate limiting dropped ${messages} lines in 24 hours`),
  ]
}

const perMinute = (rate: number): string => `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} lines/min`
