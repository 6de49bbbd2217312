import { clip } from '../../core/escape.ts'
import { judgeLevel } from '../../core/finding.ts'
import { failed } from '../../core/reading.ts'
import { readFileLog } from './log-file.ts'
import { earlierIn, type LogLife, lifeOf, newLifeAtMs } from './log-life.ts'
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

/**
 * Lines of its log that fit, counted over a window; each is read once only, and the counts are kept. Those of the lives
 * before are told as well: who dies of what it writes last would never be told of otherwise.
 */
export const log: ProbeKind<LogProbe> = {
  item: (probe) => `log ${clip(probe.log, 60)}${probe.file === null ? '' : ` in ${clip(probe.file, 100)}`}`,

  async ask(question, probe): Promise<Outcome> {
    const { host, service, previous, maxBuckets, timeoutMs } = question
    const nowMs = host.now()
    const before = memoryOf(previous, probe)
    const window = restoreWindow(before.window, probe.within, maxBuckets, nowMs)
    const backMs = window === null ? 0 : setBackMs(window, nowMs)
    const bornAtMs = newLifeAtMs(before.life, service, nowMs)
    const read = await readSource(question, probe, before.position, {
      host,
      matches: lineMatcher(host, probe.log),
      withinMs: probe.within * 1000,
      nowMs,
      readAtMs: window === null ? null : Math.min(window.readAtMs, nowMs),
      backMs,
      bornAtMs,
      timeoutMs,
    })
    if (read.kind === 'unreadable') return { ...notTried(read.why), remember: previous }
    const known = window ?? emptyWindow(probe.within, maxBuckets, nowMs)
    const life = lifeOf(before.life, service.identity, bornAtMs, known, read.atMs, backMs)
    const counted = withLines(known, read.atMs, nowMs)
    const now = read.skipped ? withSkipped(counted, nowMs) : counted
    const remember = { log: probe.log, position: read.position, window: keptWindow(now), life }
    return outcomeOf(probe, now, life, nowMs, remember)
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
  life: LogLife,
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
    args: { pattern, withinSeconds: within, atLeast: atLeast ? 1 : 0, earlier: earlierIn(window, life) },
    remember,
  }
}

/** Another expression has counted other lines. */
const memoryOf = (
  previous: unknown,
  { log: pattern }: LogProbe,
): Record<'position' | 'window' | 'life', unknown> => {
  const { log: counted, position, window, life } = (previous ?? {}) as Record<string, unknown>
  return counted === pattern ? { position, window, life } : { position: null, window: null, life: null }
}
