import type { Mark } from '../core/acceptance.ts'
import { exitCode, HealthError } from '../core/errors.ts'
import { clip } from '../core/escape.ts'
import { judgeAcceptance } from '../leak/acceptance.ts'
import { parsePointInTime } from '../parse/point-in-time.ts'
import { sampleTimes } from '../plan/sampling.ts'
import type { VerifiedService } from '../report/verify-text.ts'
import { loadMarks } from '../store/marks.ts'
import { requireFound } from './chosen-services.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { requireReadable } from './may-not-read.ts'
import { recordedNames } from './trend/read-recorded.ts'
import { type Asked, askedOf } from './verify/criteria.ts'
import { watchServices } from './verify/live.ts'
import { noteMark } from './verify/mark.ts'
import { recordedFacts } from './verify/recorded.ts'
import { resultOf } from './verify/result.ts'

/** The acceptance of a fix: does the service keep within its bounds, over a time to come or one that was recorded? */
export const command: Command = {
  arguments: '[service...]',
  options: [
    { flags: '--for <duration>', help: 'look at it from now on for so long', reads: 'duration' },
    { flags: '--since <time>', help: 'by what check has recorded since: 2h, "2026-01-31 03:00", or mark' },
    { flags: '--interval <duration>', help: 'with --for: look so often', reads: 'duration' },
    { flags: '--max-memory <size>', help: 'never more memory than this', reads: 'size' },
    { flags: '--max-growth <rate>', help: 'memory grows by no more than this', reads: 'rate' },
    { flags: '--max-swap <size>', help: 'never more swap than this', reads: 'size' },
    { flags: '--max-cpu <percent>', help: 'CPU on average, of one CPU', reads: 'percent' },
    { flags: '--min-uptime <duration>', help: 'without a restart for so long', reads: 'duration' },
    { flags: '--max-processes <number>', help: 'never more processes than this', reads: 'count' },
    {
      flags: '--warm-up <duration>',
      help: 'so long after a start neither memory nor growth is judged',
      reads: 'duration',
    },
    { flags: '--mark [text]', help: 'note this moment, as a deploy; --since mark judges from it on' },
  ],
  config: 'load',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: null,
  async run(context) {
    const { host, options, args, loaded } = context
    if (loaded === null) throw new Error('verify runs with a config')
    if (!host.live)
      throw new HealthError(
        exitCode.usage,
        'a captured host (--root) neither runs nor has records',
        'take off --root',
      )
    if (options.mark !== undefined) return noteMark(context)
    const { for: forSeconds, since } = options
    if ((forSeconds === undefined) === (since === undefined))
      throw new HealthError(
        exitCode.usage,
        forSeconds === undefined ? 'verify needs a time to judge' : 'verify takes --for or --since, not both',
        '--for 30m looks from now on; --since 2h judges what check has recorded',
      )
    if (since !== undefined && options.interval !== undefined)
      throw new HealthError(exitCode.usage, '--interval is for --for', 'records have the rhythm of check')
    const asked = askedOf(loaded.config, args, options)
    return typeof forSeconds === 'number'
      ? verifyLive(context, asked, forSeconds)
      : verifyRecorded(context, asked, String(since))
  },
}

const verifyLive = async (context: RunContext, asked: Asked, forSeconds: number): Promise<CommandResult> => {
  const { host, options, global } = context
  const interval = typeof options.interval === 'number' ? options.interval : null
  if (forSeconds < 1 || (interval !== null && (interval < 0.1 || forSeconds / interval > 10_000)))
    throw new HealthError(
      exitCode.usage,
      'that is no time to look at a service',
      'e.g. --for 30m --interval 1m',
    )
  const times = sampleTimes(forSeconds, interval)
  const shows = host.out.stderrIsTerminal && !global.json && !global.quiet
  const { facts, signal } = await watchServices(host, {
    names: [...asked.criteria.keys()],
    configured: Object.fromEntries(
      Object.entries(asked.configured).filter(([name]) => asked.criteria.has(name)),
    ),
    times,
    progress: (looks) => {
      if (shows) host.out.stderr(`\rlook ${looks} of ${times.length}${looks === times.length ? '\n' : ''}`)
    },
  })
  if (shows && signal !== null) host.out.stderr('\n')
  const services = [...asked.criteria].map(([name, criteria]): VerifiedService => {
    const own = facts.get(name) ?? {
      samples: [],
      window: { fromMs: 0, toMs: 0, stepMs: 1, expected: null },
      uptimeSeconds: null,
    }
    return {
      name,
      window: own.window,
      samples: own.samples.length,
      criteria: judgeAcceptance(own, criteria),
      before: null,
      error: null,
    }
  })
  const result = resultOf(services, null)
  if (signal === null) return result
  return {
    ...result,
    exitCode: signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated,
    problems: [`ended early by ${signal}`, ...result.problems],
    text: (view) => `${result.text(view)}ended early by ${signal}\n`,
  }
}

const verifyRecorded = (context: RunContext, asked: Asked, since: string): CommandResult => {
  const { host, global, args } = context
  requireReadable(host.save, global.stateDir)
  const toMs = host.now()
  const { fromMs, mark } = beginningOf(context, since)
  if (Object.keys(asked.configured).length === 0) requireFound(args, recordedNames(host, global.stateDir))
  const services = [...asked.criteria].map(([name, criteria]): VerifiedService => {
    const read = (from: number, to: number) =>
      recordedFacts(host, global.stateDir, name, { fromMs: from, toMs: to }, criteria.minUptimeSeconds ?? 0)
    const facts = read(fromMs, toMs)
    if (facts.kind === 'failed')
      return { name, window: null, samples: 0, criteria: [], before: null, error: clip(facts.detail, 200) }
    const empty = {
      samples: [],
      window: { fromMs, toMs, stepMs: 60_000, expected: null },
      uptimeSeconds: null,
    }
    const own = facts.kind === 'value' ? facts.value : empty
    const earlier = mark === null ? null : read(fromMs - (toMs - fromMs), fromMs)
    return {
      name,
      window: own.window,
      samples: own.samples.length,
      criteria: judgeAcceptance(own, criteria),
      before: earlier?.kind === 'value' ? judgeAcceptance(earlier.value, criteria) : null,
      error: null,
    }
  })
  return resultOf(services, mark)
}

/** @throws HealthError 64 when it is no time, or one to come, or nothing is marked */
const beginningOf = ({ host, global }: RunContext, since: string): { fromMs: number; mark: Mark | null } => {
  if (since === 'mark') {
    const mark = loadMarks(host.save, global.stateDir).findLast(({ atMs }) => atMs <= host.now())
    if (mark === undefined)
      throw new HealthError(
        exitCode.usage,
        'nothing is marked yet',
        'oratio-health verify --mark notes this moment',
      )
    return { fromMs: mark.atMs, mark }
  }
  const fromMs = parsePointInTime(since, host.now())
  if (fromMs === null)
    throw new HealthError(
      exitCode.usage,
      `--since: ${clip(since, 60)} is no time`,
      'e.g. 2h, "2026-01-31 03:00", 2026-01-31T03:00:00Z, or mark',
    )
  if (fromMs >= host.now())
    throw new HealthError(
      exitCode.usage,
      `--since: ${clip(since, 60)} is still to come`,
      'give a time that is over',
    )
  return { fromMs, mark: null }
}
