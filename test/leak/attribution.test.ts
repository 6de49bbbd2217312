import { describe, expect, it } from 'vitest'
import type { Composition } from '../../src/core/composition.ts'
import { attribute, baseOf } from '../../src/leak/attribution.ts'

const mib = 1024 ** 2
const gib = 1024 * mib

interface Given {
  atMs?: number
  identity?: number
  kinds?: Partial<Composition['kinds']>
  openFiles?: number | null
  /** pid → name and bytes */
  processes?: Record<number, [name: string, bytes: number]>
  names?: Record<string, [processes: number, bytes: number]>
}

const composition = ({
  atMs = 0,
  identity = 7,
  kinds = {},
  openFiles = 10,
  processes = {},
  names,
}: Given): Composition => {
  const largest = Object.entries(processes).map(([pid, [name, bytes]]) => ({
    ...{ pid: Number(pid), startTicks: 100, name, bytes },
  }))
  const summed = new Map<string, { name: string; processes: number; bytes: number }>()
  for (const { name, bytes } of largest) {
    const sum = summed.get(name) ?? { name, processes: 0, bytes: 0 }
    summed.set(name, { name, processes: sum.processes + 1, bytes: sum.bytes + bytes })
  }
  return {
    atMs,
    identity,
    kinds: { anonymous: 0, shared: 0, file: 0, kernel: 0, sockets: 0, ...kinds },
    openFiles,
    threads: 4,
    processes: largest.length,
    largest,
    names:
      names === undefined
        ? [...summed.values()]
        : Object.entries(names).map(([name, [count, bytes]]) => ({ name, processes: count, bytes })),
  }
}

describe('attribute', () => {
  it('names the one process that grows, and the kind (incident O: 241 MB to 4 GB of one node)', () => {
    const then = composition({
      kinds: { anonymous: 300 * mib, file: 50 * mib },
      processes: { 10: ['node server.js', 241 * mib], 11: ['node worker.js', 59 * mib] },
    })
    const now = composition({
      atMs: 1,
      kinds: { anonymous: 4.1 * gib, file: 5 * gib },
      openFiles: 4000,
      processes: { 10: ['node server.js', 4 * gib], 11: ['node worker.js', 60 * mib] },
    })
    const found = attribute(then, now)
    expect(found.culprit).toEqual({
      ...{ of: 'process', name: 'node server.js', pid: 10, kind: 'anonymous' },
      gainBytes: 4 * gib - 241 * mib,
    })
    expect(found.openFiles).toEqual({ before: 10, now: 4000 })
    expect(found.processes.map(({ pid }) => pid)).toEqual([10, 11])
  })

  it('names a name when many small ones are left behind (incident E: 2 to 203 python3)', () => {
    const then = composition({
      kinds: { anonymous: 100 * mib },
      processes: { 1: ['python3', 60 * mib], 2: ['sh', mib] },
    })
    const listed = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [100 + i, ['python3', 310 * mib] as [string, number]]),
    )
    const now = composition({
      atMs: 1,
      kinds: { anonymous: 61 * gib },
      processes: listed,
      names: { python3: [203, 61 * gib], sh: [1, mib] },
    })
    expect(attribute(then, now).culprit).toMatchObject({ of: 'name', name: 'python3', kind: 'anonymous' })
    expect(attribute(then, now).names[0]).toMatchObject({ thenProcesses: 1, nowProcesses: 203 })
  })

  it.each([
    ['kernel', 'kernel'],
    ['sockets', 'sockets'],
    ['shared', 'shared'],
  ] as const)('names %s when no process holds what grew', (kind, expected) => {
    const then = composition({ kinds: { anonymous: 100 * mib }, processes: { 1: ['app', 100 * mib] } })
    const now = composition({
      atMs: 1,
      kinds: { anonymous: 105 * mib, [kind]: 2 * gib },
      processes: { 1: ['app', 105 * mib] },
    })
    expect(attribute(then, now).culprit).toEqual({ of: 'kind', kind: expected, gainBytes: 2 * gib })
  })

  it('never blames the page cache, and nobody for nothing', () => {
    const then = composition({ kinds: { anonymous: 100 * mib }, processes: { 1: ['app', 100 * mib] } })
    const cached = composition({
      atMs: 1,
      kinds: { anonymous: 100.5 * mib, file: 9 * gib },
      processes: { 1: ['app', 100.5 * mib] },
    })
    expect(attribute(then, cached)).toMatchObject({ culprit: null, gainBytes: 0.5 * mib })
  })

  it('takes memory that was swapped out for what it is', () => {
    const then = composition({ kinds: { anonymous: 100 * mib }, processes: { 1: ['app', 100 * mib] } })
    // anon and swap together, as the caller adds them up.
    const now = composition({
      atMs: 1,
      kinds: { anonymous: 500 * mib },
      processes: { 1: ['app', 500 * mib] },
    })
    expect(attribute(then, now).culprit).toMatchObject({
      of: 'process',
      gainBytes: 400 * mib,
      kind: 'anonymous',
    })
  })

  it('does not blame a worker that took the place of another', () => {
    const then = composition({
      kinds: { anonymous: 1300 * mib },
      processes: { 1: ['master', 300 * mib], 2: ['worker', 1000 * mib] },
    })
    const now = composition({
      atMs: 1,
      kinds: { anonymous: 1500 * mib },
      processes: { 1: ['master', 490 * mib], 3: ['worker', 1010 * mib] },
    })
    expect(attribute(then, now).culprit).toMatchObject({
      of: 'process',
      name: 'master',
      gainBytes: 190 * mib,
    })
  })

  it('knows a process by its start too, not by a pid that is used again', () => {
    const then = composition({ kinds: { anonymous: 500 * mib }, processes: { 1: ['app', 500 * mib] } })
    const now = composition({
      atMs: 1,
      kinds: { anonymous: 900 * mib },
      processes: { 1: ['app', 900 * mib] },
    })
    for (const part of now.largest) part.startTicks = 999
    expect(attribute(then, now).processes[0]).toMatchObject({ thenBytes: 0, thenProcesses: 0 })
  })

  it('names nobody when many grow a little, and leaves out what was not measured', () => {
    const parts = (mebibytes: number) =>
      Object.fromEntries(
        Array.from({ length: 8 }, (_, i) => [i + 1, [`p${i}`, mebibytes * mib] as [string, number]]),
      )
    const then = composition({ kinds: { anonymous: 80 * mib, kernel: null }, processes: parts(10) })
    const now = composition({
      atMs: 1,
      kinds: { anonymous: 160 * mib, kernel: 3 * gib },
      processes: parts(20),
    })
    expect(attribute(then, now).culprit).toEqual({ of: 'kind', kind: 'anonymous', gainBytes: 80 * mib })
    expect(attribute(then, now).kinds.map(({ kind }) => kind)).not.toContain('kernel')
  })
})

describe('baseOf', () => {
  const at = (...stamps: number[]): Composition[] => stamps.map((atMs) => composition({ atMs }))
  const now = { atMs: 100, identity: 7 }

  it.each([
    ['the newest not after the onset', at(0, 10, 50, 90), 55, 50],
    ['the oldest when growth is older than all', at(20, 50), 5, 20],
    ['the oldest without an onset', at(20, 50), null, 20],
  ] as const)('is %s', (_, recorded, onset, expected) => {
    expect(baseOf(recorded as Composition[], now, onset)?.atMs).toBe(expected)
  })

  it('is of this lifetime, and older than now', () => {
    expect(baseOf(at(100, 120), now, null)).toBeNull()
    expect(baseOf([composition({ atMs: 1, identity: 8 })], now, null)).toBeNull()
    expect(baseOf([], now, 50)).toBeNull()
  })
})
