import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Composition } from '../../src/core/composition.ts'
import { makeSave } from '../../src/host/save.ts'
import { decodePlace, encodePlace, placeBytes } from '../../src/store/composition-place.ts'
import { addComposition, compositionsPath, loadCompositions } from '../../src/store/compositions.ts'
import { sealJson } from '../../src/store/sealed-json.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('compositions')
const save = makeSave(liveBase, () => 1_800_000_000_000)
const minuteMs = 60_000

const fresh = (): string => {
  const at = mkdtempSync(join(top, 'x-'))
  mkdirSync(dirname(compositionsPath(at, 'app')))
  return at
}

const composition = (atMs: number, identity = 7, parts = 2): Composition => ({
  atMs,
  identity,
  kinds: { anonymous: 1000, shared: 0, file: 5, kernel: null, sockets: 3 },
  openFiles: null,
  threads: 4,
  processes: parts,
  unread: 1,
  newestTicks: 9,
  largest: Array.from({ length: parts }, (_, i) => ({
    pid: i + 1,
    startTicks: i,
    name: `p${i}`,
    bytes: 500,
    sharedBytes: 7,
  })),
  names: [{ name: 'p', processes: parts, bytes: 1000, sharedBytes: 7 }],
})

describe('what a service was made of', () => {
  it('comes back as it was written, null for what was not measured', () => {
    const at = fresh()
    addComposition(save, at, 'app', composition(1))
    addComposition(save, at, 'app', composition(2))
    expect(loadCompositions(save, at, 'app')).toEqual([composition(1), composition(2)])
    expect(statSync(compositionsPath(at, 'app')).mode & 0o777).toBe(0o640)
    expect(loadCompositions(save, at, 'other')).toEqual([])
  })

  it('keeps some of the lifetime before, none of earlier ones, and nothing of a clock that was ahead', () => {
    const at = fresh()
    addComposition(save, at, 'app', composition(1))
    addComposition(save, at, 'app', composition(2, 8))
    expect(loadCompositions(save, at, 'app').map(({ identity }) => identity)).toEqual([7, 8])
    addComposition(save, at, 'app', composition(5, 8))
    addComposition(save, at, 'app', composition(3, 8))
    expect(loadCompositions(save, at, 'app').map(({ atMs }) => atMs)).toEqual([1, 2, 3])
    addComposition(save, at, 'app', composition(9, 9))
    expect(loadCompositions(save, at, 'app').map(({ identity }) => identity)).toEqual([8, 8, 9])
  })

  it('stays bounded for years, with the first and the last of them and ever wider steps between', () => {
    const at = fresh()
    const day = 1440
    for (let i = 0; i < 400; i++) addComposition(save, at, 'app', composition(i * day * minuteMs, 7, 300))
    const kept = loadCompositions(save, at, 'app')
    const days = kept.map(({ atMs }) => atMs / day / minuteMs)
    expect(kept).toHaveLength(40)
    expect([days[0], days.at(-1)]).toEqual([0, 399])
    expect(days.slice(-5)).toEqual([395, 396, 397, 398, 399])
    expect(kept.every(({ largest }) => largest.length === 12)).toBe(true)
    expect(readFileSync(compositionsPath(at, 'app')).length).toBeLessThanOrEqual(50 * placeBytes)
    addComposition(save, at, 'app', composition(400 * day * minuteMs, 8))
    const after = loadCompositions(save, at, 'app')
    expect(after).toHaveLength(11)
    expect([after[0]?.atMs, after[9]?.atMs]).toEqual([0, 399 * day * minuteMs])
  })

  it('cut off anywhere what was before stands, and the next is written', () => {
    const at = fresh()
    const path = compositionsPath(at, 'app')
    for (const atMs of [1, 2, 3]) addComposition(save, at, 'app', composition(atMs))
    const whole = readFileSync(path)
    for (let length = 0; length < whole.length; length += 397) {
      writeFileSync(path, whole.subarray(0, length))
      const times = loadCompositions(save, at, 'app').map(({ atMs }) => atMs)
      expect(times).toEqual([1, 2, 3].slice(0, times.length))
      expect(times.length).toBeGreaterThanOrEqual(Math.floor(length / placeBytes))
      expect(addComposition(save, at, 'app', composition(9)).kind).toBe('value')
      expect(loadCompositions(save, at, 'app').at(-1)).toEqual(composition(9))
    }
  })

  it('a byte that changed costs the one it hit', () => {
    const at = fresh()
    const path = compositionsPath(at, 'app')
    for (const atMs of [1, 2, 3]) addComposition(save, at, 'app', composition(atMs))
    const whole = readFileSync(path)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const bytes = Buffer.from(whole)
        bytes[place] = (bytes[place] ?? 0) ^ flip
        writeFileSync(path, bytes)
        const times = loadCompositions(save, at, 'app').map(({ atMs }) => atMs)
        const hit = Math.floor(place / placeBytes) + 1
        expect([1, 2, 3].filter((atMs) => atMs !== hit && !times.includes(atMs))).toEqual([])
      }),
    )
  })

  it.each([
    ['rubbish', 'rubbish'.repeat(2000)],
    ['zeros', '\0'.repeat(50 * placeBytes)],
    ['blanks', ' '.repeat(50 * placeBytes)],
    ['a document of before', '{"version":1,"service":"app","compositions":[]}\n'],
    ['another version', '{"version":2,"service":"app"}\n'],
    ['no checksum', '{"version":1,"service":"app","sequence":1,"row":[]}\n'],
  ])('of %s nothing is taken, and it is written over', (_, text) => {
    const at = fresh()
    writeFileSync(compositionsPath(at, 'app'), text)
    expect(loadCompositions(save, at, 'app')).toEqual([])
    expect(addComposition(save, at, 'app', composition(9)).kind).toBe('value')
    expect(loadCompositions(save, at, 'app')).toEqual([composition(9)])
  })

  it('rows that are none are left out, and so are parts of them', () => {
    const rows: [unknown, number][] = [
      [null, 0],
      [5, 0],
      [[], 0],
      [[1], 0],
      [['a', 7, [], [], [], []], 0],
      // Without who was there then.
      [[1, 7, [1], [2, 3, 4], [], []], 0],
      [[1, 7, [1, null, -3, 'x'], ['y', null, null, 2, 9], [[1, 2]], [['n', 1, 'z', 1]]], 1],
    ]
    for (const [row, count] of rows) {
      const text = sealJson({ version: 1, service: 'app', sequence: 1, row })
      expect(decodePlace(new TextEncoder().encode(text), 'app')).toHaveLength(count)
    }
    const text = sealJson({ version: 1, service: 'app', sequence: 1, row: rows.at(-1)?.[0] })
    expect(decodePlace(new TextEncoder().encode(text), 'app')[0]?.composition).toEqual({
      ...{ atMs: 1, identity: 7, openFiles: null, threads: null, processes: null, largest: [], names: [] },
      ...{ unread: 2, newestTicks: 9 },
      kinds: { anonymous: 1, shared: null, file: null, kernel: null, sockets: null },
    })
  })

  it('the worst names fit in a place', () => {
    const evil = { ...composition(1, 7, 300) }
    const name = '\u0001'.repeat(90)
    evil.largest = evil.largest.map((one) => ({ ...one, name, bytes: 2 ** 50, startTicks: 2 ** 50 }))
    evil.names = Array.from({ length: 12 }, () => ({
      name,
      processes: 9,
      bytes: 2 ** 50,
      sharedBytes: 2 ** 50,
    }))
    const bytes = encodePlace('s'.repeat(400), 1e9, evil)
    expect(bytes.length).toBe(placeBytes)
    expect(decodePlace(bytes, 's'.repeat(400))[0]?.composition.largest.length).toBeGreaterThan(2)
  })

  it('another service under the same file name is not taken for this one', () => {
    const at = fresh()
    addComposition(save, at, 'app', composition(1))
    writeFileSync(compositionsPath(at, 'db'), readFileSync(compositionsPath(at, 'app')))
    expect(loadCompositions(save, at, 'db')).toEqual([])
  })

  it.each(['a link', 'a folder', 'a file of another user'])(
    '%s is not written to, and moved aside',
    (what) => {
      if (what.endsWith('user') && process.getuid?.() !== 0) return
      const at = fresh()
      const path = compositionsPath(at, 'app')
      const target = join(at, 'target')
      writeFileSync(target, 'untouched')
      if (what === 'a link') symlinkSync(target, path)
      else if (what === 'a folder') mkdirSync(path)
      else {
        addComposition(save, at, 'app', composition(1))
        chownSync(path, 65534, 65534)
      }
      expect(loadCompositions(save, at, 'app')).toEqual([])
      expect(addComposition(save, at, 'app', composition(2)).kind).toBe('value')
      expect(loadCompositions(save, at, 'app')).toEqual([composition(2)])
      expect(readFileSync(target, 'utf8')).toBe('untouched')
      expect(readdirSync(dirname(path)).some((name) => name.includes('.broken-'))).toBe(true)
    },
  )
})
