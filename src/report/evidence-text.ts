import { clip } from '../core/escape.ts'
import { isoStamp, localStamp } from '../core/stamp.ts'
import { redact } from './redact.ts'

/** Part of an evidence file: text as it was found, of anybody, or rows of a table. */
export interface EvidenceSection {
  title: string
  /** Redacted, escaped and cut here: a log keeps its end. */
  text?: string
  /** The first row is the head; the last column may be long. */
  rows?: readonly (readonly string[])[]
  /** What is missing in it and why, one line. */
  note?: string | null
}

export interface Evidence {
  hostname: string
  version: string
  service: string
  /** Why it is about to be restarted. */
  reason: string
  atMs: number
  tookMs: number
  sections: readonly EvidenceSection[]
}

/** A letter takes up to 3 bytes, so all of it stays below 1 MiB. */
const maxLength = 340_000
const maxSectionLength = 150_000
const maxLineLength = 2000

/** The file for a person who asks the next morning why the service was restarted. At most 1 MiB; ends in a newline. */
export const evidenceText = ({
  hostname,
  version,
  service,
  reason,
  atMs,
  tookMs,
  sections,
}: Evidence): string => {
  const head = [
    `Investigation of ${clip(service, 200)} on ${clip(hostname, 200)}, ${localStamp(atMs)} (${isoStamp(atMs)})`,
    `Reason: ${clip(redact(reason), 1000)}`,
    `Taken by oratio-health ${version} in ${Math.round(tookMs)} ms, before anything was ended. Secrets are replaced by ***.`,
  ]
  const text = `${head.join('\n')}\n${sections.map(sectionText).join('')}`
  return text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength - 40)}\n[cut here: the file was too long]\n`
}

const sectionText = ({ title, text, rows, note }: EvidenceSection): string => {
  const parts = [
    `\n== ${clip(title, 200)} ==`,
    ...(rows === undefined ? [] : tableLines(rows)),
    ...(text === undefined ? [] : plainLines(text)),
    ...(note ? [`(${clip(redact(note), 500)})`] : []),
  ]
  return `${parts.join('\n')}\n`
}

/** The newest lines of it. Redacted as a whole, before anything is cut: a private key has many lines. */
const plainLines = (text: string): string[] => {
  const lines = redact(text)
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => clip(line.replace(/\r$/, ''), maxLineLength))
  // Escaping makes six characters of one.
  let [length, first] = [0, lines.length]
  while (first > 0 && length + (lines[first - 1] ?? '').length < maxSectionLength) {
    first--
    length += (lines[first] ?? '').length + 1
  }
  return [...(first > 0 ? ['[cut here: what was before is left out]'] : []), ...lines.slice(first)]
}

const tableLines = (rows: readonly (readonly string[])[]): string[] => {
  const cells = rows.map((row) => row.map((cell) => clip(redact(cell), 300)))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  )
  return cells.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
