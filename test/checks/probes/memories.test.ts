import { expect, it } from 'vitest'
import { bucketsFor, keepMemories, memoriesOf } from '../../../src/checks/probes/memories.ts'

const now = 1_800_000_000_000
const memory = (readAtMs: number, size = 10) => ({ window: { readAtMs, counts: Array(size).fill(10) } })

it('what was not asked this time is kept, for a week', () => {
  const before = new Map([
    ['web\nlog x', memory(now - 1000)],
    ['db\nlog x', memory(now - 6 * 86_400_000)],
    ['gone\nlog x', memory(now - 8 * 86_400_000)],
    ['broken\nlog x', null],
  ])
  const kept = keepMemories(new Map([['web\nlog x', memory(now)]]), before, now)
  expect(kept.logs).toEqual([
    ['web\nlog x', memory(now)],
    ['db\nlog x', memory(now - 6 * 86_400_000)],
  ])
  expect(memoriesOf(JSON.parse(JSON.stringify(kept)))).toEqual(new Map(kept.logs))
})

it('never is more than the state takes of one check', () => {
  const many = new Map(Array.from({ length: 3000 }, (_, i) => [`s${i}\nlog`, memory(now, 100)]))
  const { logs } = keepMemories(many, new Map(), now)
  expect(logs.length).toBeGreaterThan(500)
  expect(JSON.stringify({ logs }).length).toBeLessThan(256 * 1024)
})

it('many probes remember more coarsely', () => {
  expect([0, 1, 10, 100, 10_000].map(bucketsFor)).toEqual([16_000, 16_000, 1600, 160, 10])
})
