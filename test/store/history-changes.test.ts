import { describe, expect, it } from 'vitest'
import { ceilingOf, judgeGrowth } from '../../src/checks/service-growth.ts'
import { makeSave } from '../../src/host/save.ts'
import { historyFolder, historyPath, readHistory, writeHistory } from '../../src/store/history-file.ts'
import { recordSample } from '../../src/store/history-record.ts'
import { recordsOf } from '../../src/store/history-series.ts'
import { verdictOf } from '../../src/store/history-verdict.ts'
import { tempFolder } from '../support/temp-folder.ts'

const uid = process.getuid?.() ?? 0
const stateDir = tempFolder('history-changes')
const save = makeSave({ uid, pid: process.pid }, Date.now)
const [MiB, GiB, minute] = [1024 ** 2, 1024 ** 3, 60_000]
const start = Math.floor(1.8e12 / 86_400_000) * 86_400_000
const minutes = 60
const nowMs = start + minutes * minute
const limits = { growth: { warn: null, crit: null }, forecast: { warn: 86_400, crit: 600 } }

/** An hour of a leak of 20 MiB/min; the limit of the minute. */
const record = (name: string, limitAt: (i: number) => number | null): void => {
  save.ensureFolder(historyFolder(stateDir))
  const written = writeHistory(save, uid, historyPath(stateDir, name), name, (file) => {
    for (let i = 0; i < minutes; i++) {
      const bytes = (500 + 20 * i) * MiB
      recordSample(file, {
        ...{
          atMs: start + i * minute,
          leakBytes: bytes,
          usedBytes: bytes,
          limitBytes: limitAt(i),
          swapBytes: 0,
        },
        ...{ cpuSeconds: null, processes: 1, openFiles: null, threads: null, identity: 1 },
      })
    }
  })
  expect(written.kind).toBe('value')
}

/** With the limit that it has now, and so much memory left on the host. */
const forecast = (name: string, limitBytes: number | null, availableBytes: number | null) => {
  const usedBytes = (500 + 20 * 59) * MiB
  const memory = {
    leakBytes: usedBytes,
    usedBytes,
    swapBytes: 0,
    limitBytes,
    limitAt: limitBytes === null ? null : '/x',
  }
  const ceiling = ceilingOf(memory, availableBytes)
  const verdict = readHistory(save, historyPath(stateDir, name), name, (file) =>
    verdictOf(file, nowMs, ceiling),
  )
  const [finding] = judgeGrowth(limits, verdict, ceiling)
  return {
    code: finding?.code,
    status: finding?.status,
    minutes: (finding?.value ?? Number.NaN) / 60,
    of: finding?.args?.ceilingOf,
  }
}

describe('a limit', () => {
  it('that changes moves the forecast and not the verdict; the one of now counts', () => {
    record('changed', (i) => (i < 30 ? 2 * GiB : 4 * GiB))
    const far = forecast('changed', 4 * GiB, 100 * GiB)
    expect(far).toMatchObject({ code: 'time-left', status: 'warning', of: 'limit' })
    expect(far.minutes).toBeCloseTo((4096 - 1680) / 20, -1)
    const near = forecast('changed', 1800 * MiB, 100 * GiB)
    expect(near).toMatchObject({ status: 'critical' })
    expect(near.minutes).toBeLessThan(8)
  })

  it('that vanishes leaves what the host has, and where that is not known neither is the time', () => {
    record('vanished', (i) => (i < 30 ? 2 * GiB : null))
    const host = forecast('vanished', null, 8 * GiB)
    expect(host).toMatchObject({ code: 'time-left', status: 'warning', of: 'host' })
    expect(host.minutes).toBeCloseTo(8192 / 20, -2)
    expect(forecast('vanished', null, null)).toMatchObject({ code: 'no-ceiling', status: 'unknown' })
    const records = readHistory(save, historyPath(stateDir, 'vanished'), 'vanished', (file) =>
      recordsOf(file, start, nowMs, nowMs),
    )
    expect(
      records.kind === 'value' && [records.value[0]?.limitBytes, records.value.at(-1)?.limitBytes],
    ).toEqual([2 * GiB, null])
  })
})

it('a service that is renamed begins a new history, which knows nothing yet; the old one stays for its time', () => {
  record('old-name', () => null)
  const read = (name: string) =>
    readHistory(save, historyPath(stateDir, name), name, (file) => verdictOf(file, nowMs, null).verdict)
  expect(read('new-name').kind).toBe('absent')
  expect(judgeGrowth(limits, { kind: 'absent', what: 'x' }, null)[0]).toMatchObject({
    status: 'unknown',
    code: 'no-history',
  })
  expect(read('old-name')).toEqual({ kind: 'value', value: 'leak' })
  // The file of another service is not taken for its own, should somebody rename that.
  expect(readHistory(save, historyPath(stateDir, 'old-name'), 'new-name', () => true)).toMatchObject({
    kind: 'failed',
  })
  expect(historyPath(stateDir, 'new-name')).not.toBe(historyPath(stateDir, 'old-name'))
})
