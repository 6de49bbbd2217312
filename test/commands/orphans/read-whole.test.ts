import { describe, expect, it } from 'vitest'
import { readWhole } from '../../../src/commands/orphans/read-whole.ts'
import { failed, value } from '../../../src/core/reading.ts'

/** A list a round; `gone` have ended when they are read. */
const look = (lists: number[][], gone: number[]) => {
  let round = 0
  const read: number[] = []
  const outcome = readWhole(
    () => value(lists[Math.min(round++, lists.length - 1)] ?? []),
    (pid) => {
      read.push(pid)
      return !gone.includes(pid)
    },
  )
  return { pids: [...(outcome?.pids ?? [])], isWhole: outcome?.isWhole, rounds: round }
}

describe('a look at who is there', () => {
  it('is whole where all on one list could be read, and is about those', () => {
    expect(look([[7, 8]], [])).toEqual({ pids: [7, 8], isWhole: true, rounds: 1 })
    expect(look([[]], [])).toEqual({ pids: [], isWhole: true, rounds: 1 })
    expect(
      look(
        [
          [7, 8],
          [8, 9],
        ],
        [7],
      ),
    ).toEqual({ pids: [8, 9], isWhole: true, rounds: 2 })
  })

  it('is not where each time one has ended before he was read; then it is about all that were listed', () => {
    const relay = [
      [1, 10],
      [1, 11],
      [1, 12],
      [1, 13],
      [1, 14],
    ]
    expect(look(relay, [10, 11, 12, 13, 14])).toEqual({
      pids: [1, 10, 11, 12, 13, 14],
      isWhole: false,
      rounds: 5,
    })
  })

  it('is none without a list', () => {
    expect(
      readWhole(
        () => failed('io', '/proc', 'x'),
        () => true,
      ),
    ).toBe(null)
  })
})
