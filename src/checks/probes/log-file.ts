import type { FilePart } from '../../host/host.ts'
import { parseLineTime } from '../../parse/line-time.ts'
import { linesOf } from '../../parse/stamped-lines.ts'
import { beginsAs, headOf, type LogHead, logHead } from './log-head.ts'
import { aheadMs, type LogQuestion, type LogRead, maxReadBytes } from './log-lines.ts'
import { findRotated, realPathOf } from './log-rotated.ts'

/** Where the next run goes on. */
export interface FilePosition {
  inode: number
  offset: number
  /** Where the path really led, to find the file again when a symlink is set to the next one; null if it was none. */
  path: string | null
  /** How it began; null when nothing was in it, or it could not be read. */
  head: LogHead | null
}

const pieceBytes = 1024 * 1024
/** How much of a file that was never read before is looked through. */
const firstBytes = 1024 * 1024
/** Until one has a stamp; the first may be cut, and traces have none. */
const linesForStamp = 200

/**
 * The lines of a log file that came since `previous`, across a rotation (the rest of the file that was renamed, then
 * the new one) and a truncation. At the first time: those of its last MiB that say when they were written.
 */
export const readFileLog = (question: LogQuestion, path: string, previous: unknown): LogRead => {
  const { files } = question.host
  const now = files.readFrom(path, 0, 0)
  const before = positionOf(previous)
  if (now.kind === 'failed') return { kind: 'unreadable', why: now }
  if (before === null)
    return now.kind === 'value' ? readFirst(question, path, now.value) : { kind: 'unreadable', why: now }
  if (now.kind === 'value' && now.value.inode === before.inode) {
    const isTruncated = now.value.sizeBytes < before.offset
    if (isTruncated || beginsAs(files, path, before.head)) return readOn(question, path, before, now.value)
  }
  const rotated = findRotated(files, path, before)
  if (now.kind === 'value') return readAcross(question, path, before, now.value, rotated)
  // It was renamed, and its program has not opened the new one yet.
  if (rotated === null) return { kind: 'unreadable', why: now }
  const rest = newSpan(question)
  const offset = readSpan(rest, { ...rotated, from: before.offset, budget: maxReadBytes, toEnd: true })
  return readTo(rest, { ...before, offset, head: headOf(files, rotated.path, offset, before.head) })
}

interface Span {
  question: LogQuestion
  atMs: number[]
  skipped: boolean
}

const newSpan = (question: LogQuestion, skipped = false): Span => ({ question, atMs: [], skipped })

const readTo = ({ atMs, skipped, question }: Span, position: FilePosition): LogRead => ({
  kind: 'read',
  atMs,
  skipped: skipped || question.matches.passedOver(),
  position,
})

/** What a truncated file (`copytruncate`) had since the last look is lost. */
const readOn = (question: LogQuestion, path: string, before: FilePosition, now: FilePart): LogRead => {
  const isTruncated = now.sizeBytes < before.offset
  const span = newSpan(question, isTruncated)
  const { inode, sizeBytes } = now
  const { from, head } = isTruncated ? { from: 0, head: null } : { from: before.offset, head: before.head }
  const offset = readSpan(span, { path, inode, sizeBytes, from, budget: maxReadBytes, toEnd: false })
  return readTo(span, { ...before, offset, head: headOf(question.host.files, path, offset, head) })
}

const readAcross = (
  question: LogQuestion,
  path: string,
  before: FilePosition,
  { inode, sizeBytes }: FilePart,
  rotated: { path: string; inode: number; sizeBytes: number } | null,
): LogRead => {
  const span = newSpan(question, rotated === null)
  const budget = maxReadBytes - Math.min(sizeBytes, maxReadBytes)
  if (rotated !== null) readSpan(span, { ...rotated, from: before.offset, budget, toEnd: true })
  const offset = readSpan(span, { path, inode, sizeBytes, from: 0, budget: maxReadBytes, toEnd: false })
  return readTo(span, newPosition(question, path, inode, offset))
}

interface Stretch {
  path: string
  inode: number
  sizeBytes: number
  from: number
  /** Bytes; of what is longer, the end is read. */
  budget: number
  toEnd: boolean
}

/** Counts the lines of a stretch and says where it ended; ends early where another file takes the name meanwhile. */
const readSpan = (span: Span, { path, inode, sizeBytes, from, budget, toEnd }: Stretch): number => {
  const { files } = span.question.host
  const isTooLong = sizeBytes - from > budget
  if (isTooLong) span.skipped = true
  const start = isTooLong ? sizeBytes - budget : from
  let at = start
  while (at < sizeBytes) {
    const part = files.readFrom(path, at, pieceBytes, toEnd)
    if (part.kind !== 'value' || part.value.inode !== inode || part.value.text === '') break
    const { text, nextOffset } = part.value
    // A line that was cut at its beginning may fit an expression that the whole does not.
    countLines(span, isTooLong && at === start ? text.slice(text.indexOf('\n') + 1) : text)
    at = nextOffset
  }
  return at
}

/** These came since the last look, whatever they say: a stamp in another zone's time is off by hours. */
const countLines = ({ question, atMs }: Span, text: string): void => {
  const { matches, nowMs, bornAtMs } = question
  const readAtMs = question.readAtMs ?? nowMs
  // Of a life that began meanwhile only what says so: the rest may be the last words of the one before.
  const unsaid = bornAtMs === null ? nowMs : bornAtMs - 1
  for (const line of linesOf(text)) {
    if (!matches(line)) continue
    const said = parseLineTime(line, nowMs)
    const isSaid = said !== null && (bornAtMs === null || said <= nowMs + aheadMs)
    atMs.push(Math.min(nowMs, Math.max(isSaid ? said : unsaid, readAtMs)))
  }
}

const readFirst = (question: LogQuestion, path: string, now: FilePart): LogRead => {
  const { host, matches, nowMs, withinMs } = question
  const part = host.files.readFrom(path, -firstBytes, firstBytes)
  if (part.kind !== 'value') return { kind: 'unreadable', why: part }
  const { text, inode, nextOffset } = part.value
  const span = newSpan(question, now.sizeBytes > firstBytes && !beginsBefore(text, nowMs - withinMs, nowMs))
  for (const line of linesOf(text)) {
    if (!matches(line)) continue
    const said = parseLineTime(line, nowMs)
    if (said !== null && said > nowMs - withinMs && said <= nowMs + aheadMs) span.atMs.push(said)
  }
  return readTo(span, newPosition(question, path, inode, nextOffset))
}

const newPosition = (
  { host: { files } }: LogQuestion,
  path: string,
  inode: number,
  offset: number,
): FilePosition => ({
  inode,
  offset,
  path: realPathOf(files, path),
  head: headOf(files, path, offset, null),
})

/** Is the first line that has a stamp older than the window? Then nothing of the window lies before the text. */
const beginsBefore = (text: string, fromMs: number, nowMs: number): boolean => {
  let left = linesForStamp
  for (const line of linesOf(text)) {
    const said = parseLineTime(line, nowMs)
    if (said !== null) return said < fromMs
    if (left-- === 0) return false
  }
  return false
}

const positionOf = (previous: unknown): FilePosition | null => {
  const { inode, offset, path, head } = (previous ?? {}) as Partial<FilePosition>
  if (!Number.isSafeInteger(inode) || !Number.isSafeInteger(offset) || (offset as number) < 0) return null
  return {
    inode: inode as number,
    offset: offset as number,
    path: typeof path === 'string' ? path : null,
    head: logHead(head),
  }
}
