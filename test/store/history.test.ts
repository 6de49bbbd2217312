import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HistorySample, tiers } from '../../src/core/history.ts'
import type { Reading } from '../../src/core/reading.ts'
import { makeSave } from '../../src/host/save.ts'
import { encodeHeader, headerBytes, headersBytes } from '../../src/parse/history-header.ts'
import { recordBytes } from '../../src/parse/history-record.ts'
import { historyFolder, historyPath, readHistory, writeHistory } from '../../src/store/history-file.ts'
import { pruneHistory } from '../../src/store/history-prune.ts'
import { recordSample } from '../../src/store/history-record.ts'
import { historyFileBytes } from '../../src/store/history-ring.ts'
import { recordsOf, seriesOf } from '../../src/store/history-series.ts'
import { isRoot } from '../support/needs.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { canMount, withTinyDisk } from '../support/tiny-disk.ts'

const uid = process.getuid?.() ?? 0
const top = tempFolder('history')
const save = makeSave({ uid, pid: process.pid }, Date.now)
let count = 0
const newPath = (): string => {
  const state = join(top, String(count++))
  save.ensureFolder(historyFolder(state))
  return historyPath(state, 'web')
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = Math.floor(1.8e12 / day) * day

const sample = (atMs: number, leakBytes: number, identity = 1): HistorySample => ({
  atMs,
  leakBytes,
  usedBytes: leakBytes + 5,
  limitBytes: 1e9,
  swapBytes: 0,
  cpuSeconds: 1,
  processes: 2,
  openFiles: null,
  threads: 3,
  identity,
})

const add = (path: string, ...samples: HistorySample[]) =>
  writeHistory(save, uid, path, 'web', (file) => {
    for (const one of samples) recordSample(file, one)
  })

const minutes = (from: number, n: number, bytesAt: (i: number) => number = (i) => i): HistorySample[] =>
  Array.from({ length: n }, (_, i) => sample(from + i * minute, bytesAt(i)))

const read = (path: string, fromMs: number, nowMs: number) =>
  readHistory(save, path, 'web', (file) => seriesOf(file, fromMs, nowMs, nowMs))

const bytesIn = (path: string, fromMs: number, nowMs: number): number[] => {
  const points = read(path, fromMs, nowMs)
  if (points.kind !== 'value') throw new Error(JSON.stringify(points))
  return points.value.map(({ bytes }) => bytes)
}

const valuesOf = <T>(reading: Reading<T[]>): T[] => {
  if (reading.kind !== 'value') throw new Error(JSON.stringify(reading))
  return reading.value
}

describe('history of a service', () => {
  it('gives back minutes as they were recorded, gaps too, and is closed to others', () => {
    const path = newPath()
    expect(read(path, 0, start).kind).toBe('absent')
    add(path, ...minutes(start, 10), ...minutes(start + 20 * minute, 5, (i) => 100 + i))
    const points = read(path, start, start + 25 * minute)
    expect(points).toMatchObject({ kind: 'value' })
    expect(bytesIn(path, start, start + 25 * minute)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 102, 103, 104,
    ])
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(historyFileBytes).toBeLessThan(1024 * 1024)
  })

  it('keeps floor, mean and peak of samples within a minute', () => {
    const path = newPath()
    add(path, sample(start, 50), sample(start + 20_000, 20), sample(start + 40_000, 80))
    const records = readHistory(save, path, 'web', (file) =>
      recordsOf(file, start, start + minute, start + minute),
    )
    expect(records).toMatchObject({
      value: [
        { floorBytes: 20, meanBytes: 50, peakBytes: 80, samples: 3, identity: 1, lastAtMs: start + 40_000 },
      ],
    })
  })

  it('keeps the most swap and processes of a period, and of what was not measured nothing', () => {
    const path = newPath()
    const of = (i: number) => [
      { ...sample(start + i * minute, 50), swapBytes: i === 3 ? 700 : 0, processes: i % 15 < 10 ? 40 : 1 },
      { ...sample(start + i * minute + 30_000, 50), swapBytes: null, processes: 1 },
    ]
    add(path, ...Array.from({ length: 1441 }, (_, i) => of(i)).flat())
    const now = start + 1440 * minute + 30_000
    const since = (fromMs: number) =>
      valuesOf(readHistory(save, path, 'web', (file) => recordsOf(file, fromMs, now, now)))
    expect(since(now - 2 * minute).at(-1)).toMatchObject({ swapBytes: 0, processes: 40 })
    expect(since(now - 2 * minute)[0]).toMatchObject({ swapBytes: 0, processes: 1 })
    const quarters = since(now - 6 * day)
    expect(quarters[0]).toMatchObject({ samples: 30, swapBytes: 700, processes: 40 })
    expect(quarters.slice(1).every(({ swapBytes, processes }) => swapBytes === 0 && processes === 40)).toBe(
      true,
    )
  })

  it('knows of a period that its CPU time fell in it within a lifetime', () => {
    const path = newPath()
    const cpuSeconds = [10, 20, 30, 40, 50, 60, 5, 70, 80, 90, 100, 110, 120, 130, 140, 1, 2, 3, 4, 5]
    add(
      path,
      ...cpuSeconds.map((seconds, i) => ({
        ...sample(start + i * minute, 1, i < 12 ? 1 : 2),
        cpuSeconds: seconds,
      })),
    )
    const now = start + 2 * day
    const read = valuesOf(readHistory(save, path, 'web', (file) => recordsOf(file, start, now, now)))
    expect(read.map(({ cpuSeconds, cpuFell }) => [cpuSeconds, cpuFell])).toEqual([
      [50, false],
      [90, true],
      [140, false],
      // From the last minute of the period before to its first.
      [5, true],
    ])
    // A new life begins anew, and a fall in a finer tier stays one in the coarser ones.
    const later = start + 6 * day
    const [quarter] = valuesOf(readHistory(save, path, 'web', (file) => recordsOf(file, start, later, later)))
    expect(quarter).toMatchObject({ samples: 15, cpuSeconds: 140, cpuFell: true })
  })

  it('has the minute in which a lifetime began for that one: its floor, at its time', () => {
    const path = newPath()
    add(path, sample(start, 50), sample(start + 20_000, 80, 2), sample(start + 40_000, 90, 2))
    const [record] = valuesOf(
      readHistory(save, path, 'web', (file) => recordsOf(file, start, start + minute, start + minute)),
    )
    expect(record).toMatchObject({ identity: 2, floorBytes: 80, peakBytes: 90, samples: 3 })
    expect(record).toMatchObject({ firstAtMs: start + 20_000, lastAtMs: start + 40_000 })
  })

  it('of weeks is of a coarser tier, whose newest period is made of the finer ones', () => {
    const path = newPath()
    const n = 10 * 1440 + 17
    add(path, ...minutes(start, n, (i) => i))
    expect(statSync(path).size).toBeLessThanOrEqual(historyFileBytes)
    const now = start + (n - 1) * minute
    expect(bytesIn(path, now - day + minute, now)).toEqual(
      Array.from({ length: 1440 }, (_, i) => n - 1440 + i),
    )
    // Half hours, each by its floor.
    expect(bytesIn(path, start, now)).toEqual(Array.from({ length: Math.ceil(n / 30) }, (_, i) => i * 30))
    const records = readHistory(save, path, 'web', (file) => recordsOf(file, start, now, now))
    if (records.kind !== 'value') throw new Error('not read')
    expect(records.value.at(-2)).toMatchObject({ samples: 30, peakBytes: n - 18, meanBytes: n - 17 - 15.5 })
    expect(records.value.at(-1)).toMatchObject({ samples: 17, peakBytes: n - 1 })
  })

  it('by any rhythm of samples loses none of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 * hour }), { minLength: 1, maxLength: 60 }),
        (steps) => {
          const path = newPath()
          let at = start
          for (const [i, step] of steps.entries()) {
            at += step
            add(path, sample(at, i))
          }
          for (const back of [day, 10 * day, 300 * day]) {
            const records = readHistory(save, path, 'web', (file) => recordsOf(file, at - back, at, at))
            if (records.kind !== 'value') throw new Error('not read')
            const inside = steps.length
            const seen = records.value.reduce((sum, { samples }) => sum + samples, 0)
            if (back > day) expect(seen).toBe(inside)
            expect(records.value.at(-1)?.peakBytes).toBe(steps.length - 1)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('cut off at any byte of header and records loses only what was cut, and goes on', () => {
    const path = newPath()
    add(path, ...minutes(start, 3, (i) => 10 + i))
    const whole = readFileSync(path)
    const now = start + 10 * minute
    for (let length = 0; length <= headersBytes + 4 * recordBytes; length++) {
      writeFileSync(path, whole.subarray(0, length))
      const written = add(path, sample(now, 99))
      expect(written.kind).toBe('value')
      const left = Math.max(0, Math.min(3, Math.floor((length - headersBytes) / recordBytes) - 1))
      expect(bytesIn(path, start, now)).toEqual([10, 11, 12].slice(0, left).concat(99))
    }
  })

  it('with any byte of header and records turned loses one record at most, and invents none', () => {
    const path = newPath()
    add(path, ...minutes(start, 3, (i) => 10 + i))
    const whole = readFileSync(path)
    const now = start + 10 * minute
    for (let at = 0; at < headersBytes + 4 * recordBytes; at++) {
      const turned = Buffer.from(whole)
      turned[at] = (turned[at] ?? 0) ^ 0x41
      writeFileSync(path, turned)
      expect(add(path, sample(now, 99))).toMatchObject({ kind: 'value', value: { setAsideTo: null } })
      const place = Math.floor((at - headersBytes) / recordBytes)
      const lost = place >= 1 ? 9 + place : null
      expect(bytesIn(path, start, now)).toEqual([10, 11, 12, 99].filter((bytes) => bytes !== lost))
    }
  })

  it('goes on after the ring has been round, wherever in it a record is broken', () => {
    const path = newPath()
    const n = 1440 + 700
    add(path, ...minutes(start, n))
    const whole = readFileSync(path)
    for (const place of [0, 1, 350, 698, 699, 700, 701, 702, 1439]) {
      const turned = Buffer.from(whole)
      turned.fill(0x55, headersBytes + place * recordBytes, headersBytes + (place + 1) * recordBytes)
      writeFileSync(path, turned)
      const now = start + n * minute
      add(path, sample(now, n))
      const bytes = bytesIn(path, now - day + minute, now)
      expect(bytes.at(-1)).toBe(n)
      expect(bytes.length).toBeGreaterThanOrEqual(1438)
      expect(bytes).toEqual([...bytes].sort((a, b) => a - b))
    }
  })

  it('a run killed between two writes does the same writes again', () => {
    const path = newPath()
    add(path, ...minutes(start, 60))
    const states: Buffer[] = []
    writeHistory(save, uid, path, 'web', (file) =>
      recordSample(
        {
          read: (offset, length) => file.read(offset, length),
          write(offset, bytes) {
            states.push(readFileSync(path))
            file.write(offset, bytes)
          },
        },
        sample(start + hour, 60),
      ),
    )
    // 5, 15, 30 minutes, an hour, and the minute itself.
    expect(states).toHaveLength(5)
    const after = readFileSync(path)
    for (const state of states) {
      writeFileSync(path, state)
      add(path, sample(start + hour, 60))
      expect(readFileSync(path).equals(after)).toBe(true)
    }
  })

  it('another version, owner, service or thing is moved aside and begun anew', () => {
    const other = encodeHeader('web')
    new DataView(other.buffer).setUint16(24, 2, true)
    const cases: [string, (path: string) => void][] = [
      ['text', (path) => writeFileSync(path, 'x'.repeat(5000))],
      ['other version', (path) => writeFileSync(path, Buffer.concat([other, other]))],
      [
        'other service',
        (path) => writeFileSync(path, Buffer.concat([encodeHeader('db'), encodeHeader('db')])),
      ],
      ['folder', (path) => mkdirSync(path)],
      ['symlink', (path) => symlinkSync('/etc/hostname', path)],
      ...(isRoot
        ? ([
            [
              'other owner',
              (path) => {
                add(path, sample(start, 1))
                chownSync(path, 65534, 65534)
              },
            ],
          ] as [string, (path: string) => void][])
        : []),
    ]
    for (const [name, make] of cases) {
      const path = newPath()
      make(path)
      const written = add(path, sample(start + minute, 7))
      expect(written, name).toMatchObject({
        kind: 'value',
        value: { setAsideTo: expect.stringContaining('.broken-') },
      })
      expect(bytesIn(path, start, start + minute), name).toEqual([7])
    }
    expect(readFileSync('/etc/hostname')).toBeDefined()
  })

  it('is neither written into a folder of everybody nor into a file with a second name', () => {
    const path = newPath()
    add(path, sample(start, 1))
    linkSync(path, `${path}.second`)
    expect(add(path, sample(start + minute, 2))).toMatchObject({ kind: 'failed', cause: 'denied' })
    const open = newPath()
    chmodSync(join(open, '..'), 0o777)
    expect(add(open, sample(start, 2))).toMatchObject({ kind: 'failed', cause: 'denied' })
  })

  it('a clock set back a year and forward again loses and invents nothing', () => {
    const path = newPath()
    const year = 365 * day
    add(
      path,
      ...minutes(start, 30, (i) => i),
      ...minutes(start - year + 30 * minute, 10, () => 5000),
      ...minutes(start + 40 * minute, 30, (i) => 40 + i),
    )
    const now = start + 70 * minute
    const right = Array.from({ length: 30 }, (_, i) => i).concat(Array.from({ length: 30 }, (_, i) => 40 + i))
    expect(bytesIn(path, now - day + minute, now)).toEqual(right)
    expect(bytesIn(path, now - 300 * day, now).every((bytes) => bytes < 5000)).toBe(true)
    expect(bytesIn(path, start - year - day, start - year + day)).not.toContain(0)
  })

  it('a clock that was ahead and is put right: what is recorded now counts, what is of the future does not', () => {
    const path = newPath()
    add(path, ...minutes(start + 2 * hour, 20, () => 9000), ...minutes(start, 31, (i) => i))
    expect(bytesIn(path, start - hour, start + 30 * minute)).toEqual(Array.from({ length: 31 }, (_, i) => i))
    add(path, ...minutes(start + 31 * minute, 169, (i) => 31 + i))
    expect(bytesIn(path, start - hour, start + 199 * minute)).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    )
  })

  it.runIf(canMount)('on a full disk it is a failure, and what was there is whole', () => {
    const folder = join(top, 'tiny')
    withTinyDisk(folder, 'size=24k', () => {
      const path = join(folder, 'x.hist')
      chmodSync(folder, 0o750)
      let result = add(path, sample(start, 0))
      let n = 1
      writeFileSync(join(folder, 'fill'), Buffer.alloc(8192))
      for (; n < 1440 && result.kind === 'value'; n++) result = add(path, sample(start + n * minute, n))
      expect(result).toMatchObject({ kind: 'failed', detail: expect.stringContaining('ENOSPC') })
      expect(bytesIn(path, start, start + n * minute)).toEqual(Array.from({ length: n - 1 }, (_, i) => i))
    })
  })

  it('reads any file without throwing', () => {
    const path = newPath()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6000 }), fc.boolean(), (bytes, withHeader) => {
        const head = Buffer.concat([encodeHeader('web'), encodeHeader('web')])
        writeFileSync(path, withHeader ? Buffer.concat([head, bytes]) : bytes)
        const points = read(path, 0, start)
        if (points.kind === 'value') expect(points.value).toEqual([])
        else expect(points.kind).toBe('failed')
      }),
    )
    truncateSync(path, 0)
  })

  it('of services that are gone is removed after 90 days', () => {
    const state = join(top, String(count++))
    save.ensureFolder(historyFolder(state))
    const path = historyPath(state, 'web')
    add(path, sample(start, 1))
    pruneHistory(save, state, Date.now() + 89 * day)
    expect(save.info(path).kind).toBe('value')
    pruneHistory(save, state, Date.now() + 91 * day)
    expect(save.info(path).kind).toBe('absent')
  })

  it('has one name for each service, whatever it is called', () => {
    const names = ['web/1', 'web_1', '../../etc/passwd', 'a'.repeat(300), 'ü', 'constructor']
    const paths = names.map((name) => historyPath('/s', name))
    expect(new Set(paths).size).toBe(names.length)
    for (const path of paths) expect(path).toMatch(/^\/s\/history\/[A-Za-z0-9_.-]{1,100}\.hist$/)
    expect(tiers.reduce((sum, { slots }) => sum + slots, 0)).toBe(5093)
    expect(headerBytes).toBe(512)
  })
})
