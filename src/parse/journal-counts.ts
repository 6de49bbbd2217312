import { fieldsOf, textOf } from './json-fields.ts'
import { linesOf } from './stamped-lines.ts'

export interface JournalCounts {
  /** Entries by unit, or by program where no unit is named, the most first. */
  units: { unit: string; lines: number }[]
  lines: number
  /** Of the first and the last entry; null without any. */
  firstAtMs: number | null
  lastAtMs: number | null
}

/** How many entries `journalctl -o json` printed of each unit. Lines that are no entry, such as a cut one, are left out. */
export const countJournal = (text: string): JournalCounts => {
  const byUnit = new Map<string, number>()
  let [lines, firstAtMs, lastAtMs]: [number, number | null, number | null] = [0, null, null]
  for (const entry of entriesOf(text)) {
    const atMs = Number(textOf(entry.__REALTIME_TIMESTAMP) ?? Number.NaN) / 1000
    if (!Number.isFinite(atMs)) continue
    const unit =
      textOf(entry._SYSTEMD_UNIT) ?? textOf(entry.SYSLOG_IDENTIFIER) ?? textOf(entry._TRANSPORT) ?? '?'
    byUnit.set(unit, (byUnit.get(unit) ?? 0) + 1)
    firstAtMs = Math.min(firstAtMs ?? atMs, atMs)
    lastAtMs = Math.max(lastAtMs ?? atMs, atMs)
    lines++
  }
  const units = [...byUnit].map(([unit, count]) => ({ unit, lines: count }))
  return { units: units.sort((a, b) => b.lines - a.lines), lines, firstAtMs, lastAtMs }
}

/** What rate limiting has dropped, by unit: journald's entries `Suppressed 1234 messages from app.service`. */
export const countSuppressed = (text: string): { unit: string; messages: number }[] => {
  const byUnit = new Map<string, number>()
  for (const { MESSAGE } of entriesOf(text)) {
    const [, count, unit] = /^Suppressed (\d{1,12}) messages from (\S+)/.exec(textOf(MESSAGE) ?? '') ?? []
    if (unit !== undefined) byUnit.set(unit, (byUnit.get(unit) ?? 0) + Number(count))
  }
  return [...byUnit].map(([unit, messages]) => ({ unit, messages })).sort((a, b) => b.messages - a.messages)
}

export interface AnnouncedCap {
  name: 'system' | 'runtime'
  maxUseBytes: number
}

/** journald's own word, at each start, on what it may use (`… Journal (…) is 8.0M, max 100.0M, …`), the newest of each. */
export const announcedCaps = (text: string, sinceMs: number): AnnouncedCap[] => {
  const caps = new Map<AnnouncedCap['name'], number>()
  for (const { JOURNAL_NAME, MAX_USE, __REALTIME_TIMESTAMP } of entriesOf(text)) {
    // `--since` of older versions counts whole seconds, and the announcement before may be of the same one.
    if (!(Number(__REALTIME_TIMESTAMP) / 1000 >= sinceMs)) continue
    const maxUseBytes = Number(textOf(MAX_USE) ?? Number.NaN)
    const name = /^(system|runtime) journal$/i.exec(textOf(JOURNAL_NAME) ?? '')?.[1]?.toLowerCase()
    if (name !== undefined && Number.isSafeInteger(maxUseBytes))
      caps.set(name as 'system' | 'runtime', maxUseBytes)
  }
  return [...caps].map(([name, maxUseBytes]) => ({ name, maxUseBytes }))
}

function* entriesOf(text: string): Generator<ReturnType<typeof fieldsOf>> {
  for (const line of linesOf(text)) {
    if (!line.startsWith('{')) continue
    let json: unknown
    try {
      json = JSON.parse(line)
    } catch {
      // The last line of an output that was cut.
      continue
    }
    yield fieldsOf(json)
  }
}
