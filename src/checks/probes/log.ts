import { clip } from '../../core/escape.ts'
import { judgeLevel } from '../../core/finding.ts'
import { failed } from '../../core/reading.ts'
import { readFileLog } from './log-file.ts'
import { type LogQuestion, type LogRead, lineMatcher } from './log-lines.ts'
import { readContainerLog, readJournal } from './log-stream.ts'
import {
  countIn,
  emptyWindow,
  keptWindow,
  type LogWindow,
  restoreWindow,
  setBackMs,
  withLines,
  withSkipped,
} from './log-window.ts'
import { type LogProbe, notTried, type Outcome, type ProbeKind, type Question } from './probe.ts'

/** Lines of its log that fit, counted over a window; each is read once only, and the counts are kept. */
export const log: ProbeKind<LogProbe> = {
  item: (probe) => `log ${clip(probe.log, 60)}${probe.file === null ? '' : ` in ${clip(probe.file, 100)}`}`,

  async ask(question, probe): Promise<Outcome> {
    const { host, previous, maxBuckets, timeoutMs } = question
    const nowMs = host.now()
    const before = memoryOf(previous, probe)
    const window = restoreWindow(before.window, probe.within, maxBuckets, nowMs)
    const read = await readSource(question, probe, before.position, {
      host,
      matches: lineMatcher(host, probe.log),
      withinMs: probe.within * 1000,
      nowMs,
      readAtMs: window === null ? null : Math.min(window.readAtMs, nowMs),
      backMs: window === null ? 0 : setBackMs(window, nowMs),
      timeoutMs,
    })
    if (read.kind === 'unreadable') return { ...notTried(read.why), remember: previous }
    const counted = withLines(window ?? emptyWindow(probe.within, maxBuckets, nowMs), read.atMs, nowMs)
    const now = read.skipped ? withSkipped(counted, nowMs) : counted
    return outcomeOf(probe, now, nowMs, { log: probe.log, position: read.position, window: keptWindow(now) })
  },
}

const readSource = async (
  { service }: Question,
  { file }: LogProbe,
  position: unknown,
  ask: LogQuestion,
): Promise<LogRead> => {
  const { kind, target, identity } = service
  if (file !== null) return readFileLog(ask, file, position)
  if (kind === 'container') {
    // Container id and start; the name in the config may be compose's.
    const id = /^([\da-f]{12,64}):/.exec(identity ?? '')?.[1]
    if (id !== undefined) return readContainerLog(ask, id, position)
  }
  if (target.type === 'unit') return readJournal(ask, target.ref, position)
  return { kind: 'unreadable', why: failed('io', `log of ${service.name}`, 'where it is kept is not known') }
}

const outcomeOf = (
  { log: pattern, within, warn, crit }: LogProbe,
  window: LogWindow,
  nowMs: number,
  remember: unknown,
): Outcome => {
  const { count, atLeast } = countIn(window, nowMs)
  return {
    code: 'log-count',
    status: judgeLevel(count, warn, crit),
    value: count,
    unit: 'count',
    warn,
    crit,
    args: { pattern, withinSeconds: within, atLeast: atLeast ? 1 : 0 },
    remember,
  }
}

/** Another expression has counted other lines. */
const memoryOf = (previous: unknown, { log: pattern }: LogProbe): { position: unknown; window: unknown } => {
  const { log: counted, position, window } = (previous ?? {}) as Record<string, unknown>
  return counted === pattern ? { position, window } : { position: null, window: null }
}
