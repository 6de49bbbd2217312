import { exitCode, HealthError } from '../core/errors.ts'
import { clip } from '../core/escape.ts'
import { type Status, worstStatus } from '../core/finding.ts'
import type { Reading } from '../core/reading.ts'
import { isoStamp } from '../core/stamp.ts'
import type { LeakVerdict, LeakVerdictKind } from '../leak/series.ts'
import { judgeLeak } from '../leak/verdict.ts'
import { historyCsv } from '../report/history-csv.ts'
import { leakSentence } from '../report/sentence-leak.ts'
import { type TrendResult, trendProblems, trendText } from '../report/trend-text.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { mayNotRead } from './may-not-read.ts'
import { type Recorded, readRecorded } from './trend/read-recorded.ts'
import { readSeries } from './trend/read-series.ts'

/** The leak verdict of series in files, or of a recorded one. Changes nothing. */
export const command: Command = {
  arguments: '[file...]',
  options: [
    { flags: '--service <name>', help: 'what check has recorded of a service, or of the `host`' },
    { flags: '--since <duration>', help: 'how far back; else the last day is shown', reads: 'duration' },
    { flags: '--csv', help: 'with --service: the records as CSV, and no verdict' },
    { flags: '--limit <size>', help: 'what the memory may grow to, for the forecast', reads: 'size' },
  ],
  config: 'none',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: null,
  async run(context) {
    const { args, options } = context
    const limitBytes = typeof options.limit === 'number' ? options.limit : null
    if (typeof options.service === 'string') return ofService(context, options.service, limitBytes)
    if (options.csv === true || options.since !== undefined)
      throw new HealthError(
        exitCode.usage,
        `${options.csv === true ? '--csv' : '--since'} is for a recorded series`,
        'give --service NAME',
      )
    if (args.length === 0)
      throw new HealthError(
        exitCode.usage,
        'trend needs a series',
        'oratio-health trend FILE.csv [--limit 2G], or --service NAME for what check has recorded',
      )
    if (args.includes('-'))
      throw new HealthError(
        exitCode.usage,
        'trend does not read standard input',
        'write it to a file first: … > series.csv; oratio-health trend series.csv',
      )
    const results = args.map((file) => resultOf(context, file, limitBytes))
    const status = worstStatus(results.map((result) => result.status))
    const bodies = results.map(bodyOf)
    return {
      status,
      document: {
        schema: 'trend@1',
        body: bodies.length === 1 ? (bodies[0] as Record<string, unknown>) : { results: bodies },
      },
      text: (view) => trendText(results, view),
      textWhen: 'always',
      problems: trendProblems(results),
    }
  },
}

/** @throws HealthError 64 when nothing was recorded under that name, or files are given too; 77 when it may not be read */
const ofService = (context: RunContext, service: string, limitBytes: number | null): CommandResult => {
  const { host, options, global, args } = context
  if (args.length > 0)
    throw new HealthError(exitCode.usage, 'trend takes files or --service, not both', 'ask for one at a time')
  if (!host.live)
    throw new HealthError(exitCode.usage, 'a captured host (--root) has no records', 'take off --root')
  const sinceSeconds = typeof options.since === 'number' ? options.since : null
  const recorded = readRecorded(host, global.stateDir, { service, sinceSeconds, limitBytes })
  if (recorded.kind === 'failed' && recorded.cause === 'denied') throw mayNotRead(recorded.what)
  const result = recordedResult(service, recorded)
  if (options.csv === true && recorded.kind === 'value' && !global.json)
    return {
      status: 'ok',
      document: null,
      text: () => historyCsv(recorded.value.records),
      isFile: true,
      textWhen: 'always',
      problems: [],
    }
  const { file, ...body } = bodyOf(result)
  return {
    status: result.status,
    document: { schema: 'trend@1', body: { service: file, ...body } },
    text: (view) => trendText([result], view),
    textWhen: 'always',
    problems: trendProblems([result]),
  }
}

const recordedResult = (name: string, recorded: Reading<Recorded>): TrendResult => {
  const base = { name, notes: [], isSinceStart: false }
  if (recorded.kind !== 'value') {
    const why = recorded.kind === 'absent' ? `${recorded.what} is not there` : recorded.detail
    return { ...base, status: 'unknown', judged: null, error: clip(why, 200) }
  }
  const { verdict, points, limitBytes, usedBytes } = recorded.value
  const judged = { verdict, points, limitBytes, usedBytes }
  return { ...base, status: statusOf[verdict.verdict], judged, error: null }
}

const statusOf: Record<LeakVerdictKind, Status> = {
  leak: 'critical',
  growing: 'warning',
  stable: 'ok',
  insufficient: 'unknown',
}

const resultOf = ({ host }: RunContext, file: string, limitBytes: number | null): TrendResult => {
  const series = readSeries(host, file)
  if (series.kind !== 'value') {
    const why = series.kind === 'absent' ? 'there is no such file; give its path' : series.detail
    return {
      name: file,
      status: 'critical',
      judged: null,
      error: clip(why, 200),
      notes: [],
      isSinceStart: false,
    }
  }
  const { points, notes, isSinceStart } = series.value
  const usedBytes = points.at(-1)?.bytes ?? 0
  const verdict = judgeLeak(points, limitBytes === null ? null : { limitBytes, usedBytes })
  return {
    name: file,
    status: statusOf[verdict.verdict],
    judged: { verdict, points, limitBytes, usedBytes },
    error: null,
    notes,
    isSinceStart,
  }
}

const bodyOf = (result: TrendResult): Record<string, unknown> => {
  if (result.judged === null) return { file: result.name, error: result.error }
  const { verdict, points, limitBytes } = result.judged
  return {
    file: result.name,
    ...verdictBody(verdict, points[0]?.atMs ?? 0),
    limitBytes,
    samples: points.length,
    notes: result.notes,
  }
}

const verdictBody = (verdict: LeakVerdict, firstMs: number): Record<string, unknown> => {
  const { onsetAtMs, secondsToLimit: left } = verdict
  const whole = (seconds: number | null | undefined): number | null =>
    seconds === null || seconds === undefined ? null : Math.round(seconds)
  return {
    verdict: verdict.verdict,
    slopeBytesPerMinute: verdict.slopeBytesPerMinute,
    slopeLow: verdict.slopeLow,
    slopeHigh: verdict.slopeHigh,
    onsetAt: onsetAtMs === null ? null : isoStamp(Math.round(onsetAtMs)),
    onsetSeconds: onsetAtMs === null ? null : Math.max(0, Math.round((onsetAtMs - firstMs) / 1000)),
    secondsToLimit: whole(left?.best),
    secondsToLimitLow: whole(left?.low),
    secondsToLimitHigh: whole(left?.high),
    confidence: verdict.confidence,
    reason: leakSentence(verdict),
    reasonCode: verdict.reason.code,
  }
}
