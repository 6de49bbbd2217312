import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseChosen,
  parseConstraint,
  parseInvoked,
  parseKilled,
  parseLimitOf,
  parseMemcgLimit,
  parseTaskHead,
  parseTaskRow,
} from '../../../src/parse/crash/oom-lines.ts'

const columns = ['uid', 'tgid', 'total_vm', 'rss', 'nr_ptes', 'swapents', 'oom_score_adj', 'name']

describe('lines of the OOM killer', () => {
  it.each([
    ['Killed process 4711, UID 26, (a b) total-vm:1kB, anon-rss:2kB, file-rss:3kB', 'a b'],
    ['Killed process 4711 (x), UID 26, total-vm:1kB, anon-rss:2kB, file-rss:3kB', 'x'],
    ['Killed process 4711 (x) total-vm:1kB, anon-rss:2kB, file-rss:3kB', 'x'],
    [
      'Out of memory (oom_kill_allocating_task): Killed process 4711 (x) total-vm:1kB, anon-rss:2kB, file-rss:3kB',
      'x',
    ],
  ])('%s', (text, comm) => {
    expect(parseKilled(text)).toMatchObject({ pid: 4711, comm, totalVmBytes: 1024, anonRssBytes: 2048 })
  })

  it.each([
    'it Killed process 1 (x) total-vm:1kB, anon-rss:2kB, file-rss:3kB',
    'Killed process 1 (x)',
    'Killed process x (x) total-vm:1kB, anon-rss:1kB, file-rss:1kB',
  ])('none: %s', (text) => {
    expect(parseKilled(text)).toBeNull()
  })

  it('a dump row by its head; a name with blanks, one that is empty, and a row of too few numbers', () => {
    expect(
      parseTaskHead('[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name'),
    ).toEqual(columns)
    const row = '[28438]     0 28438  5063909   119961    1661   136409          -998 '
    expect(parseTaskRow(`${row}my app`, columns, 4096)).toEqual({
      pid: 28438,
      comm: 'my app',
      rssBytes: 119_961 * 4096,
      swapBytes: 136_409 * 4096,
      oomScoreAdj: -998,
    })
    expect(parseTaskRow(row, columns, 4096)).toMatchObject({ comm: '' })
    expect(parseTaskRow('[28438] 0 1 2', columns, 4096)).toBeNull()
    expect(parseTaskHead('[ pid ] what')).toBeNull()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const parse of [
          parseKilled,
          parseChosen,
          parseConstraint,
          parseInvoked,
          parseLimitOf,
          parseMemcgLimit,
          parseTaskHead,
        ])
          parse(text)
        parseTaskRow(text, columns, 4096)
      }),
    )
  })
})
