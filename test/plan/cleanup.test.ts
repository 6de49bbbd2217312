import { describe, expect, it } from 'vitest'
import type { TreeEntry } from '../../src/core/tree.ts'
import { type NameMatch, parseGlob } from '../../src/parse/glob.ts'
import { type CleanupWish, fateOf, makeChoice } from '../../src/plan/cleanup.ts'

const nowMs = 1_800_000_000_000
const dayMs = 86_400_000
const glob = (text: string): NameMatch => parseGlob(text) as NameMatch
const wish: CleanupWish = {
  match: [glob('*')],
  exclude: [],
  olderThanMs: dayMs,
  ageBy: 'newest',
  minBytes: null,
  uids: null,
}
const entry = (more: Partial<TreeEntry> = {}): TreeEntry => ({
  name: Buffer.from('x'),
  text: 'x',
  kind: 'file',
  uid: 0,
  sizeBytes: 10,
  links: 1,
  mtimeMs: nowMs - 2 * dayMs,
  atimeMs: nowMs - 2 * dayMs,
  ctimeMs: nowMs - 2 * dayMs,
  inode: '1:2',
  ...more,
})
const fate = (more: Partial<TreeEntry>, wanted: Partial<CleanupWish> = {}, open = false) =>
  fateOf(entry(more), { ...wish, ...wanted }, nowMs, () => (open ? 'it is open' : null)).kind

describe('what becomes of an entry', () => {
  it('goes only when strictly older by the newest of all stamps', () => {
    expect(fate({})).toBe('stale')
    for (const stamp of ['mtimeMs', 'atimeMs', 'ctimeMs'] as const) {
      expect(fate({ [stamp]: nowMs - dayMs })).toBe('young')
      expect(fate({ [stamp]: nowMs - dayMs - 1 })).toBe('stale')
      expect(fate({ [stamp]: nowMs + 10 * dayMs })).toBe('young')
    }
    expect(fate({ atimeMs: nowMs, ctimeMs: nowMs }, { ageBy: 'mtime' })).toBe('stale')
    expect(fate({ mtimeMs: Number.NaN })).toBe('young')
  })

  it('is left alone where the rule is not about it', () => {
    expect(fate({ text: 'y' }, { match: [glob('x*')] })).toBe('out')
    expect(fate({}, { exclude: [glob('x')] })).toBe('out')
    expect(fate({ uid: 5 }, { uids: new Set([6]) })).toBe('out')
    expect(fate({}, { minBytes: 11 })).toBe('out')
    expect(fate({}, { minBytes: 10 })).toBe('stale')
  })

  it('sockets, fifos and devices stay, and so does what is open', () => {
    for (const kind of ['socket', 'fifo', 'device'] as const) expect(fate({ kind })).toBe('kept')
    expect(fate({ kind: 'symlink' })).toBe('stale')
    expect(fate({}, {}, true)).toBe('kept')
  })
})

describe('bounds over all of a rule', () => {
  const of = (stampMs: number, sizeBytes: number, stale = true) => ({ stampMs, sizeBytes, stale })
  const list = [of(1, 10), of(2, 10), of(3, 10), of(4, 10, false), of(5, 10)]
  const stamps = (keepNewest: number, maxTotalBytes: number | null) =>
    makeChoice(list, { keepNewest, maxTotalBytes })
      .next()
      .map(({ stampMs }) => stampMs)

  it('the newest stay; of the rest the oldest go until the total fits; the young never go', () => {
    expect(stamps(0, null)).toEqual([1, 2, 3, 5])
    expect(stamps(2, null)).toEqual([1, 2, 3])
    expect(stamps(9, null)).toEqual([])
    expect(stamps(0, 35)).toEqual([1, 2])
    expect(stamps(0, 50)).toEqual([])
    expect(stamps(0, 0)).toEqual([1, 2, 3, 5])
    expect(stamps(3, 0)).toEqual([1, 2])
  })

  it('what stays counts, and the next one goes for it', () => {
    const choice = makeChoice(list, { keepNewest: 1, maxTotalBytes: 30 })
    const next = () => choice.next().map(({ stampMs }) => stampMs)
    expect([next(), next()]).toEqual([[1, 2], []])
    for (const one of list.slice(0, 2)) choice.stays(one)
    // One of the newest stays whatever the total is, and so does the young one.
    expect([next(), next()]).toEqual([[3], []])
    const all = makeChoice(list, { keepNewest: 0, maxTotalBytes: null })
    for (const one of all.next()) all.stays(one)
    expect(all.next()).toEqual([])
  })
})
