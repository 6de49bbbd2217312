import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import { readHistory, writeHistory } from '../../src/store/history-file.ts'
import { recordSample } from '../../src/store/history-record.ts'
import { verdictOf } from '../../src/store/history-verdict.ts'
import { tempFolder } from '../support/temp-folder.ts'

const uid = process.getuid?.() ?? 0
const top = tempFolder('history-verdict')
const save = makeSave({ uid, pid: process.pid }, Date.now)
const MiB = 1024 ** 2
const minute = 60_000
const hour = 60 * minute
const start = Math.floor(1.8e12 / (24 * hour)) * 24 * hour
const noise = (i: number): number => ((((i + 1) * 7919) % 101) / 101 - 0.5) * 8 * MiB

/** The verdict on so many hours of a sample each five minutes. */
const judged = (name: string, hours: number, bytesAt: (atMs: number, i: number) => number) => {
  const path = join(top, name)
  const written = writeHistory(save, uid, path, name, (file) => {
    for (let i = 0; i < hours * 12; i++) {
      const atMs = start + i * 5 * minute
      recordSample(file, {
        atMs,
        leakBytes: bytesAt(atMs, i),
        usedBytes: null,
        limitBytes: null,
        swapBytes: null,
        cpuSeconds: null,
        processes: null,
        openFiles: null,
        threads: null,
        identity: 1,
      })
    }
  })
  expect(written.kind).toBe('value')
  const verdict = readHistory(save, path, name, (file) =>
    verdictOf(file, start + hours * hour, { limitBytes: 2048 * MiB, usedBytes: 600 * MiB }),
  )
  if (verdict.kind !== 'value') throw new Error(JSON.stringify(verdict))
  return verdict.value
}

describe('the verdict of a history', () => {
  it('sees over two weeks a leak that a day does not show, and what it leads to', () => {
    const slow = (atMs: number, i: number): number =>
      500 * MiB + ((atMs - start) / hour) * 0.2 * MiB + noise(i)
    expect(judged('day', 24, slow).verdict).not.toBe('leak')
    const verdict = judged('weeks', 14 * 24, slow)
    expect(verdict.verdict).toBe('leak')
    expect((verdict.slopeBytesPerMinute ?? 0) * 60).toBeGreaterThan(0.15 * MiB)
    expect((verdict.slopeBytesPerMinute ?? 0) * 60).toBeLessThan(0.25 * MiB)
    expect(verdict.secondsToLimit?.best).toBeGreaterThan(5000 * 3600)
  })

  it('does not take the rise of every morning for a leak', () => {
    const daily = (atMs: number, i: number): number =>
      500 * MiB - Math.cos((2 * Math.PI * (atMs - start)) / (24 * hour)) * 150 * MiB + noise(i)
    for (const hours of [10 * 24 + 9, 10 * 24 + 12, 10 * 24])
      expect(['leak', 'growing']).not.toContain(judged(`daily-${hours}`, hours, daily).verdict)
  })

  it('does not either where the minutes of the day alone look like one', () => {
    const ramp = (atMs: number, i: number): number => {
      const share = ((atMs - start) / (24 * hour)) % 1
      return 500 * MiB + noise(i) + Math.min(share, 2 - 2 * share) * 300 * MiB
    }
    for (const hours of [10 * 24 + 17, 10 * 24 + 18])
      expect(judged(`ramp-${hours}`, hours, ramp).verdict).not.toBe('leak')
  })

  it('sees a fast leak on top of it within the hour', () => {
    const onTop = (atMs: number, i: number): number =>
      500 * MiB -
      Math.cos((2 * Math.PI * (atMs - start)) / (24 * hour)) * 50 * MiB +
      noise(i) +
      Math.max(0, atMs - start - 240 * hour) * ((600 * MiB) / hour)
    expect(judged('on-top', 10 * 24 + 1, onTop).verdict).toBe('leak')
  })
})
