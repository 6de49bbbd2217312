import { failed, type Reading, value } from '../../core/reading.ts'
import { parseJournalLines, parseStampedLines, type StampedLine } from '../../parse/stamped-lines.ts'
import { aheadMs, type LogQuestion, type LogRead, maxReadBytes } from './log-lines.ts'

/** The last line seen. A burst may have several with one stamp: `seen` of them were. */
interface StreamPosition {
  atMs: number
  seen: number
}

interface Stream {
  lines: StampedLine[]
  /** There are more, older ones. */
  truncated: boolean
}

const journalLines = 50_000

/** The lines of a container's log since `previous`; at the first time those of the window. */
export const readContainerLog = async (
  question: LogQuestion,
  id: string,
  previous: unknown,
): Promise<LogRead> => {
  const { engine } = question.host
  return readStream(question, previous, async (sinceSeconds) => {
    const log = await engine.logs(id, sinceSeconds, maxReadBytes, question.timeoutMs)
    return log.kind === 'value'
      ? value({ lines: parseStampedLines(log.value.text), truncated: log.value.truncated })
      : log
  })
}

/** The same of a unit's journal. */
export const readJournal = async (question: LogQuestion, unit: string, previous: unknown): Promise<LogRead> =>
  readStream(question, previous, (sinceSeconds) => askJournal(question, unit, sinceSeconds))

/**
 * `--reverse`: then the newest are those that are kept, in every version. `--all`: without it a line with a colour in
 * it is `[98B blob data]`. Not `--quiet`, which would also be quiet about entries this user may not see.
 */
const askJournal = async (
  { host, timeoutMs }: LogQuestion,
  unit: string,
  sinceSeconds: number,
): Promise<Reading<Stream>> => {
  const run = await host.run(
    [
      'journalctl',
      `--unit=${unit}`,
      `--since=@${Math.floor(sinceSeconds)}`,
      `--lines=${journalLines}`,
      '--reverse',
      '--output=short-unix',
      '--all',
      '--no-pager',
    ],
    { timeoutMs, maxOutputBytes: maxReadBytes },
  )
  if (run.kind !== 'value') return run
  const { exitCode, stdout, stderr, truncated } = run.value
  const lastWords = stderr.trim().split('\n').at(-1) ?? ''
  if (/not seeing messages|insufficient permissions/.test(stderr))
    return failed('denied', `journal of ${unit}`, lastWords)
  // A host whose journal is not there has no entries either; that would pass for a good sign.
  if (exitCode !== 0 || /No journal files were found/.test(stderr))
    return failed('io', `journal of ${unit}`, lastWords)
  const lines = parseJournalLines(stdout)
  // Oldest first, so that of one stamp those that were seen before come first.
  return value({ lines: lines.reverse(), truncated: truncated || lines.length >= journalLines })
}

const readStream = async (
  question: LogQuestion,
  previous: unknown,
  read: (sinceSeconds: number) => Promise<Reading<Stream>>,
): Promise<LogRead> => {
  const { nowMs, withinMs, backMs, matches } = question
  const fromMs = nowMs - withinMs
  const kept = positionOf(previous)
  // After the clock was set back: from where it would have been.
  const before = kept === null ? null : { ...kept, atMs: kept.atMs - backMs }
  const since = before === null || before.atMs < fromMs ? { atMs: fromMs, seen: 0 } : before
  const stream = await read(since.atMs / 1000)
  if (stream.kind !== 'value') return { kind: 'unreadable', why: stream }
  const { lines, truncated } = stream.value
  const fresh = linesAfter(lines, since, nowMs)
  const atMs = fresh.filter(({ text }) => matches(text)).map((line) => line.atMs)
  return {
    kind: 'read',
    atMs,
    skipped: truncated || backMs > 0 || matches.passedOver(),
    // What was too much is not tried again: the next run would find even more.
    position: truncated ? { atMs: nowMs, seen: 0 } : positionAfter(fresh, since),
  }
}

const linesAfter = (
  lines: readonly StampedLine[],
  { atMs, seen }: StreamPosition,
  nowMs: number,
): StampedLine[] => {
  let left = seen
  return lines.filter((line) => {
    if (line.atMs === atMs && left > 0) {
      left--
      return false
    }
    return line.atMs >= atMs && line.atMs <= nowMs + aheadMs
  })
}

const positionAfter = (fresh: readonly StampedLine[], since: StreamPosition): StreamPosition => {
  const last = fresh.reduce((latest, { atMs }) => Math.max(latest, atMs), since.atMs)
  const seen = fresh.filter(({ atMs }) => atMs === last).length
  return { atMs: last, seen: last === since.atMs ? since.seen + seen : seen }
}

const positionOf = (previous: unknown): StreamPosition | null => {
  const { atMs, seen } = (previous ?? {}) as Partial<StreamPosition>
  if (!Number.isFinite(atMs) || !Number.isSafeInteger(seen)) return null
  return { atMs: atMs as number, seen: seen as number }
}
