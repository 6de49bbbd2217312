import { describe, expect, it } from 'vitest'
import type { Composition, NamePart, ProcessPart } from '../../src/core/composition.ts'
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
    ...{ pid: Number(pid), startTicks: 100, name, bytes, sharedBytes: 0 },
  }))
  const summed = new Map<string, NamePart>()
  for (const { name, bytes } of largest) {
    const sum = summed.get(name) ?? { name, processes: 0, bytes: 0, sharedBytes: 0 }
    summed.set(name, { name, processes: sum.processes + 1, bytes: sum.bytes + bytes, sharedBytes: 0 })
  }
  return {
    atMs,
    identity,
    kinds: { anonymous: 0, shared: 0, file: 0, kernel: 0, sockets: 0, ...kinds },
    openFiles,
    threads: 4,
    processes: largest.length,
    unread: 0,
    newestTicks: 1000,
    largest,
    names:
      names === undefined
        ? [...summed.values()]
        : Object.entries(names).map(([name, [count, bytes]]) => ({
            name,
            processes: count,
            bytes,
            sharedBytes: 0,
          })),
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

const part = (pid: number, name: string, heldMib: number, more: Partial<ProcessPart> = {}): ProcessPart => ({
  ...{ pid, startTicks: 100, name, bytes: heldMib * mib, sharedBytes: 0 },
  ...more,
})

/** All processes; those listed are what a look lists, `first` of them by their place. */
const looked = (
  all: readonly ProcessPart[],
  kinds: Partial<Composition['kinds']>,
  more: Partial<Composition> = {},
  listed: readonly ProcessPart[] = all.slice(0, 12),
): Composition => {
  const names = new Map<string, NamePart>()
  for (const { name, bytes, sharedBytes } of all) {
    const sum = names.get(name) ?? { name, processes: 0, bytes: 0, sharedBytes: 0 }
    names.set(name, {
      name,
      processes: sum.processes + 1,
      bytes: sum.bytes + bytes,
      sharedBytes: sum.sharedBytes + sharedBytes,
    })
  }
  return {
    ...composition({ kinds }),
    processes: all.length,
    largest: [...listed],
    names: [...names.values()].slice(0, 12),
    ...more,
  }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

describe('nobody is blamed for what he did not do', () => {
  it('of thirty workers that grow alike it is chance who is listed: all of the name grow', () => {
    const then = range(30).map((pid) => part(pid, 'gunicorn', 100))
    const now = range(30).map((pid) => part(pid, 'gunicorn', 102))
    const found = attribute(
      looked(then, { anonymous: 3000 * mib }),
      looked(now, { anonymous: 3060 * mib }, { atMs: 1 }, now.slice(18)),
    )
    expect(found.culprit).toMatchObject({ of: 'name', name: 'gunicorn', gainBytes: 60 * mib })
  })

  it('one that was there and too small to be listed grew by what it has more than the smallest listed', () => {
    const many = range(12).map((pid) => part(pid, 'worker', 10))
    const found = attribute(
      looked([...many, part(77, 'logger', 1)], { anonymous: 121 * mib }),
      looked([part(77, 'logger', 500), ...many], { anonymous: 620 * mib }, { atMs: 1 }),
    )
    expect(found.culprit).toMatchObject({ of: 'process', pid: 77, gainBytes: 490 * mib })
  })

  it('one that started since is counted from nothing, however many are listed', () => {
    const many = range(13).map((pid) => part(pid, 'worker', 10))
    const found = attribute(
      looked(many, { anonymous: 130 * mib }),
      looked([part(77, 'import', 500, { startTicks: 1001 }), ...many], { anonymous: 630 * mib }, { atMs: 1 }),
    )
    expect(found.culprit).toMatchObject({ of: 'process', pid: 77, gainBytes: 500 * mib })
  })

  it('a new backend that maps old shared memory is not blamed for what another holds', () => {
    const found = attribute(
      looked([part(1, 'walwriter', 50)], { anonymous: 50 * mib, shared: 8000 * mib }),
      looked(
        [part(2, 'backend', 10, { startTicks: 1001, sharedBytes: 8000 * mib }), part(1, 'walwriter', 1074)],
        { anonymous: 1084 * mib, shared: 8000 * mib },
        { atMs: 1 },
      ),
    )
    expect(found.culprit).toMatchObject({ of: 'process', name: 'walwriter', kind: 'anonymous' })
  })

  it('shared memory that all have mapped is of the name, and counts once', () => {
    const found = attribute(
      looked([part(1, 'postgres', 5), part(2, 'postgres', 5)], { anonymous: 10 * mib }),
      looked(
        [1, 2].map((pid) => part(pid, 'postgres', 5, { sharedBytes: 512 * mib })),
        { anonymous: 10 * mib, shared: 512 * mib },
        { atMs: 1 },
      ),
    )
    expect(found.culprit).toMatchObject({
      of: 'name',
      name: 'postgres',
      kind: 'shared',
      gainBytes: 512 * mib,
    })
  })

  it('shared memory that one has mapped is its own', () => {
    const found = attribute(
      looked([part(1, 'app', 5), part(2, 'sh', 1)], { anonymous: 6 * mib }),
      looked(
        [part(1, 'app', 5, { sharedBytes: 800 * mib }), part(2, 'sh', 1)],
        { anonymous: 6 * mib, shared: 800 * mib },
        { atMs: 1 },
      ),
    )
    expect(found.culprit).toMatchObject({ of: 'process', pid: 1, kind: 'shared', gainBytes: 800 * mib })
  })

  it('a name that was not among the largest has not grown from nothing', () => {
    const jobs = (from: number, held: number): ProcessPart[] =>
      range(12).map((i) => part(i, `job${i + from}`, held))
    const found = attribute(
      looked(jobs(0, 100), { anonymous: 1300 * mib }),
      looked(
        [...jobs(1, 101).slice(0, 11), part(12, 'job13', 105)],
        { anonymous: 1350 * mib },
        { atMs: 1 },
        [],
      ),
    )
    expect(found.culprit).toMatchObject({ of: 'kind', kind: 'anonymous' })
    expect(found.names.find(({ name }) => name === 'job13')).toMatchObject({
      thenProcesses: null,
      thenBytes: 100 * mib,
    })
  })

  it('what could not be read is said, and nobody is blamed for it', () => {
    const found = attribute(
      looked([part(1, 'sh', 1)], { anonymous: 50 * mib }, { unread: 1 }),
      looked([part(1, 'sh', 1)], { anonymous: 950 * mib }, { atMs: 1, unread: 1 }),
    )
    expect(found).toMatchObject({ unread: 1, culprit: { of: 'kind', kind: 'anonymous' } })
  })
})
