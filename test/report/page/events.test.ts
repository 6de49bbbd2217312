import { describe, expect, it } from 'vitest'
import { type HistoryRecord, recordOf } from '../../../src/core/history.ts'
import { makeAlertSpans, subjectsOf } from '../../../src/report/page/alert-spans.ts'
import { restartsOf } from '../../../src/report/page/restarts.ts'
import { isGap, rhythmOf, thinRecords } from '../../../src/report/page/thin-records.ts'

const minuteMs = 60_000
const record = (minute: number, bytes: number, identity = 1): HistoryRecord =>
  recordOf({
    ...{ atMs: minute * minuteMs, leakBytes: bytes, usedBytes: null, limitBytes: null, swapBytes: null },
    ...{ cpuSeconds: null, processes: null, openFiles: null, threads: null, identity },
  })

describe('thinned records', () => {
  it('keep the lowest and the highest, gaps and starts', () => {
    const minutes = Array.from({ length: 1000 }, (_, i) => i).filter((i) => i < 300 || i > 400)
    const records = minutes.map((i) => record(i, i === 207 ? 9000 : i === 811 ? 5 : 100, i < 500 ? 1 : 2))
    const { records: thin, stepMs } = thinRecords(records, minuteMs, 100)
    expect(thin.length).toBeLessThanOrEqual(102)
    expect(stepMs).toBe(10 * minuteMs)
    expect(Math.max(...thin.map(({ peakBytes }) => peakBytes))).toBe(9000)
    expect(Math.min(...thin.map(({ floorBytes }) => floorBytes))).toBe(5)
    expect(thin.filter((one, i) => i > 0 && isGap(thin[i - 1] as HistoryRecord, one, stepMs))).toHaveLength(1)
    for (const { identity, firstAtMs, lastAtMs } of thin)
      expect(identity).toBe(lastAtMs < 500 * minuteMs ? 1 : firstAtMs >= 500 * minuteMs ? 2 : 'mixed')
    expect(thin.reduce((sum, { samples }) => sum + samples, 0)).toBe(records.length)
  })

  it('stay as they are where a screen can show them', () => {
    const records = [record(1, 1), record(2, 2)]
    expect(thinRecords(records, minuteMs, 2)).toEqual({ records, stepMs: minuteMs })
    expect(thinRecords([], minuteMs, 2).records).toEqual([])
  })
})

describe('the rhythm of records', () => {
  it('is that of the checks, so that between two of them there is no gap', () => {
    const fives = [0, 5, 10, 15, 40, 45, 50].map((minute) => record(minute, 1))
    const rhythmMs = rhythmOf(fives, minuteMs)
    expect(rhythmMs).toBe(5 * minuteMs)
    expect(isGap(record(5, 1), record(10, 1), rhythmMs)).toBe(false)
    expect(isGap(record(15, 1), record(40, 1), rhythmMs)).toBe(true)
    expect(rhythmOf(fives.slice(0, 1), minuteMs)).toBe(minuteMs)
  })
})

describe('restarts', () => {
  const records = [record(1, 1), record(2, 1), record(3, 1, 2), record(4, 1, 2), record(5, 1, 3)]
  const kept = (minute: number, event: string, service = 'web') => ({
    ...{ service, event, detail: 'why' },
    atMs: minute * minuteMs,
  })

  it('are those of the restart history, and those that only a new lifetime tells of', () => {
    const told = [
      kept(2.5, 'restarted'),
      kept(2.5, 'reset'),
      kept(2.5, 'restarted', 'db'),
      kept(0, 'restarted'),
    ]
    expect(restartsOf('web', records, minuteMs, told)).toEqual([
      { atMs: 2.5 * minuteMs, event: 'restarted', detail: 'why' },
      { atMs: 5 * minuteMs, event: 'new-life', detail: '' },
    ])
  })

  it('are not seen where a lifetime is not known', () => {
    expect(restartsOf('web', [record(1, 1), record(2, 1, 0), record(3, 1)], minuteMs, [])).toEqual([])
  })
})

describe('alerts', () => {
  const line = (minute: number, level: 'WARN' | 'CRIT', subject: string) => ({
    ...{ level, subject, fact: '96% of 2.0 GiB — do this' },
    atMs: minute * minuteMs,
  })
  const owners = subjectsOf([
    { shown: 'web', name: 'web' },
    { shown: 'web api', name: 'web api' },
  ])

  it('last as long as runs tell of them, each of its service', () => {
    const spans = makeAlertSpans(owners)
    for (const minute of [1, 2, 3, 60, 61]) {
      spans.run()
      if (minute === 60) spans.run()
      spans.add(line(minute, 'WARN', 'web memory'))
    }
    spans.add(line(2, 'CRIT', 'web api memory'))
    spans.add(line(2, 'WARN', 'memory'))
    spans.add(line(2, 'WARN', 'website memory'))
    const text = 'memory: 96% of 2.0 GiB'
    expect(spans.of('web')).toEqual([
      { fromMs: minuteMs, toMs: 3 * minuteMs, level: 'warning', text },
      { fromMs: 60 * minuteMs, toMs: 61 * minuteMs, level: 'warning', text },
    ])
    expect(spans.of('web api')).toEqual([
      { fromMs: 2 * minuteMs, toMs: 2 * minuteMs, level: 'critical', text },
    ])
    expect(spans.of(null).map((one) => one.text)).toEqual([text, 'website memory: 96% of 2.0 GiB'])
    expect(spans.of('db')).toEqual([])
  })

  it('of runs that follow each other are one, however far these are apart', () => {
    const spans = makeAlertSpans(owners)
    for (const minute of [0, 60, 120]) {
      spans.run()
      spans.add(line(minute, 'WARN', 'web memory'))
    }
    expect(spans.of('web')).toMatchObject([{ fromMs: 0, toMs: 120 * minuteMs }])
  })
})
