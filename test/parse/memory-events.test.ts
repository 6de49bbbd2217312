import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseOomKills } from '../../src/parse/memory-events.ts'

describe('parseOomKills', () => {
  it.each([
    ['v2', 'low 0\nhigh 12\nmax 4711\noom 9\noom_kill 3\noom_group_kill 0\n', 3],
    ['v1', 'oom_kill_disable 0\nunder_oom 0\noom_kill 7\n', 7],
    ['v1 before Linux 4.13', 'oom_kill_disable 0\nunder_oom 0\n', null],
    ['v2 before Linux 4.13', 'low 0\nhigh 0\nmax 0\noom 2\n', null],
    ['empty', '', null],
    ['no number', 'oom_kill x\n', null],
    ['another key that ends so', 'no_oom_kill 5\n', null],
    ['negative', 'oom_kill -1\n', null],
  ])('%s', (_, text, kills) => {
    expect(parseOomKills(text)).toBe(kills)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const kills = parseOomKills(text)
        return kills === null || kills >= 0
      }),
    )
  })
})
