import { mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Composition } from '../../src/core/composition.ts'
import { makeSave } from '../../src/host/save.ts'
import { addComposition, compositionsPath, loadCompositions } from '../../src/store/compositions.ts'
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
    expect(readFileSync(compositionsPath(at, 'app')).length).toBeLessThan(160_000)
    addComposition(save, at, 'app', composition(400 * day * minuteMs, 8))
    const after = loadCompositions(save, at, 'app')
    expect(after).toHaveLength(11)
    expect([after[0]?.atMs, after[9]?.atMs]).toEqual([0, 399 * day * minuteMs])
  })

  it('of a file cut off anywhere, or of rubbish, nothing is taken, and the next begins anew', () => {
    const at = fresh()
    const path = compositionsPath(at, 'app')
    addComposition(save, at, 'app', composition(1))
    const sound = readFileSync(path, 'utf8')
    for (let length = 0; length < sound.length; length += 7) {
      writeFileSync(path, sound.slice(0, length))
      expect(loadCompositions(save, at, 'app')).toEqual([])
    }
    for (const broken of [
      'rubbish',
      '[]',
      '{"version":1}',
      '{"version":2,"service":"app","compositions":[]}',
      sound.replace('500', '501'),
    ]) {
      writeFileSync(path, broken)
      expect(loadCompositions(save, at, 'app')).toEqual([])
      expect(addComposition(save, at, 'app', composition(9)).kind).toBe('value')
      expect(loadCompositions(save, at, 'app')).toEqual([composition(9)])
    }
  })

  it('leaves out entries that are none', () => {
    const at = fresh()
    const odd = [
      null,
      5,
      [],
      [1],
      ['a', 7, [], [], [], []],
      // Of before it was told who was there then.
      [1, 7, [1], [2, 3, 4], [], []],
      [
        1,
        7,
        [1, null, -3, 'x'],
        ['y', null, null, 2, 9],
        [
          [1, 2],
          [1, 2, 'n', 3],
        ],
        [['n', 1, 'z', 1]],
      ],
    ]
    writeFileSync(
      compositionsPath(at, 'app'),
      JSON.stringify({ version: 1, service: 'app', compositions: odd }),
    )
    expect(loadCompositions(save, at, 'app')).toEqual([
      {
        ...{ atMs: 1, identity: 7, openFiles: null, threads: null, processes: null, largest: [], names: [] },
        ...{ unread: 2, newestTicks: 9 },
        kinds: { anonymous: 1, shared: null, file: null, kernel: null, sockets: null },
      },
    ])
  })

  it('follows no link', () => {
    const at = fresh()
    const target = join(at, 'target')
    writeFileSync(target, 'untouched')
    symlinkSync(target, compositionsPath(at, 'app'))
    expect(loadCompositions(save, at, 'app')).toEqual([])
    addComposition(save, at, 'app', composition(1))
    expect(readFileSync(target, 'utf8')).toBe('untouched')
  })
})
