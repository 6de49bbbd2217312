import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OomTask } from '../../../src/core/crash-event.ts'
import { addTask, emptyDump, holdersOf } from '../../../src/parse/crash/task-dump.ts'

const task = (comm: string, rssBytes: number, pid = 1): OomTask => ({
  pid,
  comm,
  rssBytes,
  swapBytes: 1,
  oomScoreAdj: 0,
})

const dumpOf = (tasks: readonly OomTask[]) => {
  const dump = emptyDump()
  for (const one of tasks) addTask(dump, one)
  return dump
}

describe('the dump of tasks', () => {
  it('keeps the biggest, and adds up all of a name, also those that are not kept', () => {
    const dump = dumpOf([task('big', 900), ...Array.from({ length: 200 }, (_, i) => task('small', 9, i + 2))])
    expect(dump.tasks).toHaveLength(20)
    expect(dump.tasks[0]).toMatchObject({ comm: 'big' })
    expect(holdersOf(dump)).toEqual([
      { comm: 'small', bytes: 2000, processes: 200 },
      { comm: 'big', bytes: 901, processes: 1 },
    ])
  })

  it('is bounded, whatever names there are, and is sorted whatever the sizes', () => {
    const dump = dumpOf(Array.from({ length: 20_000 }, (_, i) => task(`__proto__${i}`, i)))
    expect(dump.byName.size).toBe(5000)
    expect(holdersOf(dump)).toHaveLength(10)
    fc.assert(
      fc.property(fc.array(fc.record({ comm: fc.string({ unit: 'binary' }), rss: fc.nat() })), (rows) => {
        const sizes = dumpOf(rows.map(({ comm, rss }) => task(comm, rss))).tasks.map(
          ({ rssBytes }) => rssBytes,
        )
        expect(sizes).toEqual(
          rows
            .map(({ rss }) => rss)
            .sort((a, b) => b - a)
            .slice(0, 20),
        )
      }),
    )
  })
})
