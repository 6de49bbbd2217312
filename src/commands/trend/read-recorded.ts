import { nearest } from '../../config/nearest.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import type { HistoryRecord } from '../../core/history.ts'
import { type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import type { LeakVerdict, SeriesPoint } from '../../leak/series.ts'
import { judgeLeak } from '../../leak/verdict.ts'
import { decodeHeaders, headersBytes } from '../../parse/history-header.ts'
import { historyFolder, historyPath, hostSeries, readHistory } from '../../store/history-file.ts'
import { pointsOf, recordsOf } from '../../store/history-series.ts'
import { verdictOf } from '../../store/history-verdict.ts'

export interface Recorded {
  verdict: LeakVerdict
  records: HistoryRecord[]
  points: SeriesPoint[]
  limitBytes: number | null
  /** What counts against the limit, at the newest sample. */
  usedBytes: number
}

export interface Asked {
  service: string
  /** Null: the last day is shown, and judged as `check` does, by two weeks too. */
  sinceSeconds: number | null
  /** Instead of the limit it had at the newest sample. */
  limitBytes: number | null
}

const daySeconds = 86_400

/**
 * What was recorded of a service; `host` is the host, unless a service is called so.
 *
 * @throws HealthError 64 when nothing was recorded under that name
 */
export const readRecorded = (host: Host, stateDir: string, asked: Asked): Reading<Recorded> => {
  const { service } = asked
  const own = read(host, stateDir, service, asked)
  if (own.kind !== 'absent') return own
  const ofHost = service === 'host' ? read(host, stateDir, hostSeries, asked) : own
  if (ofHost.kind !== 'absent') return ofHost
  throw unknownName(service, recordedNames(host, stateDir))
}

const read = (host: Host, stateDir: string, name: string, asked: Asked): Reading<Recorded> =>
  readHistory(host.save, historyPath(stateDir, name), name, (file) => {
    const nowMs = host.now()
    const fromMs = nowMs - (asked.sinceSeconds ?? daySeconds) * 1000
    const records = recordsOf(file, fromMs, nowMs, nowMs)
    const newest = records.at(-1)
    const limitBytes = asked.limitBytes ?? newest?.limitBytes ?? null
    const usedBytes = newest?.usedBytes ?? newest?.floorBytes ?? 0
    const ceiling = limitBytes === null ? null : { limitBytes, usedBytes }
    const points = pointsOf(records)
    const verdict = asked.sinceSeconds === null ? verdictOf(file, nowMs, ceiling) : judgeLeak(points, ceiling)
    return { verdict, records, points, limitBytes, usedBytes }
  })

export const recordedNames = (host: Host, stateDir: string): string[] => {
  const names = host.save.list(historyFolder(stateDir))
  if (names.kind !== 'value') return []
  return names.value
    .filter((name) => name.endsWith('.hist'))
    .flatMap((name) => {
      const header = host.save.positioned(`${historyFolder(stateDir)}/${name}`, 'read', (file) =>
        value(decodeHeaders(file.read(0, headersBytes))),
      )
      return header.kind === 'value' && header.value !== 'broken' && header.value.name !== hostSeries
        ? [header.value.name]
        : []
    })
    .sort()
}

const shownNames = 10

const unknownName = (name: string, known: readonly string[]): HealthError => {
  const near = nearest(name, known)
  const shown = known.slice(0, shownNames).map((one) => clip(one, 60))
  const more = known.length > shownNames ? ` and ${known.length - shownNames} more` : ''
  return new HealthError(
    exitCode.usage,
    `nothing is recorded of the service ${clip(name, 60)}`,
    near !== null
      ? `did you mean ${clip(near, 60)}?`
      : known.length === 0
        ? 'each run of check records a sample: see that it runs, as the same user'
        : `recorded are ${shown.join(', ')}${more}`,
  )
}
