import { describe, expect, it } from 'vitest'
import { type LookOutcome, mostLooks, nextLook } from '../../src/plan/whole-look.ts'

const look = (more: Partial<LookOutcome> = {}): LookOutcome => ({
  ...{ orphans: 0, isWhole: false, isFrozen: false },
  ...more,
})
const missed = look()

describe('after a look at the processes of a rule', () => {
  it.each<[string, LookOutcome[], boolean, string]>([
    ['a whole one is enough', [look({ isWhole: true })], true, 'enough'],
    ['orphans are enough, whole or not', [look({ orphans: 1 })], true, 'enough'],
    ['one that missed somebody is made again', [missed], true, 'again'],
    ['two that did are followed by one in which they stand still', [missed, missed], true, 'frozen'],
    ['where they may not, by more', [missed, missed], false, 'again'],
    ['a whole one after those is enough', [missed, missed, look({ isWhole: true })], false, 'enough'],
    ['nobody stands still twice', [missed, missed, look({ isFrozen: true })], true, 'again'],
    ['none at all is none', [], true, 'again'],
    ['after so many nobody can tell', Array(mostLooks).fill(missed), false, 'blind'],
  ])('%s', (_, looks, mayFreeze, next) => {
    expect(nextLook(looks, mayFreeze)).toBe(next)
  })
})
