import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/config/nearest.ts'

const names = ['memory', 'processes', 'older_than', 'RuntimeMaxUse', 'SystemMaxUse', 'at', 'on']

describe('the nearest name', () => {
  it.each([
    ['memroy', 'memory'],
    ['Memory', 'memory'],
    ['proceses', 'processes'],
    ['olderThan', 'older_than'],
    ['older-than', 'older_than'],
    ['SystemMaxUsage', 'SystemMaxUse'],
    ['ta', 'at'],
  ])('of %s is %s', (wrong, right) => {
    expect(nearest(wrong, names)).toBe(right)
  })

  it.each(['cpu', 'disk', '', 'xy', 'x'.repeat(100_000)])('of %s there is none', (wrong) => {
    expect(nearest(wrong, names)).toBeNull()
  })
})
