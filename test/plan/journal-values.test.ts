import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameJournalValue, journalBytes } from '../../src/plan/journal-amounts.ts'
import { isJournalValue } from '../../src/plan/journal-values.ts'

describe('values as journald reads them', () => {
  it.each([
    ['SystemMaxUse', '500M', true],
    ['SystemMaxUse', '1.5G', true],
    ['SystemMaxUse', '1G 500M', true],
    ['SystemMaxUse', '1048576', true],
    ['SystemMaxUse', '500MB', false],
    ['SystemMaxUse', '500MiB', false],
    ['SystemMaxUse', '500m', false],
    ['SystemMaxUse', '10%', false],
    ['SystemMaxUse', '-1M', false],
    ['SystemMaxUse', '500\nM', false],
    ['SystemMaxUse', '', true],
    ['MaxRetentionSec', '1week', true],
    ['MaxRetentionSec', '1h 30min', true],
    ['MaxRetentionSec', '90', true],
    ['MaxRetentionSec', 'infinity', true],
    ['MaxRetentionSec', '1fortnight', false],
    ['RateLimitBurst', '10000', true],
    ['RateLimitBurst', '1e4', false],
    ['RateLimitBurst', '-1', false],
    ['Storage', 'volatile', true],
    ['Storage', 'disk', false],
    ['Seal', 'Yes', true],
    ['Seal', 'maybe', false],
    ['Compress', '512', true],
    ['Compress', 'no', true],
    ['MaxLevelStore', 'warning', true],
    ['MaxLevelStore', '8', false],
    ['TTYPath', '/dev/tty12', true],
    ['TTYPath', 'tty12', false],
    ['Audit', 'keep', true],
    ['Bogus', '1', false],
    ['constructor', '1', false],
  ])('%s=%s: %s', (key, text, isRight) => {
    expect(isJournalValue(key, text)).toBe(isRight)
  })

  it('sizes are in steps of 1024, added up', () => {
    expect(journalBytes('1G 500M')).toBe(1024 ** 3 + 500 * 1024 ** 2)
    expect(journalBytes('12')).toBe(12)
    expect(journalBytes('2E')).toBe(2 * 1024 ** 6)
    expect(journalBytes('x')).toBeNull()
  })

  it.each([
    ['MaxRetentionSec', '1week', '7d', true],
    ['MaxRetentionSec', '3600', '1h', true],
    ['MaxRetentionSec', '1m', '1M', false],
    ['MaxRetentionSec', 'infinity', 'infinity', true],
    ['SystemMaxUse', '1G', '1024M', true],
    ['SystemMaxUse', '1G', '1000M', false],
    ['SystemMaxUse', '', '1G', false],
    ['Seal', 'yes', 'TRUE', true],
    ['Seal', 'yes', 'off', false],
    ['Storage', 'auto', 'none', false],
  ])('%s: %s and %s are the same: %s', (key, a, b, same) => {
    expect(isSameJournalValue(key, a, b)).toBe(same)
  })

  it('never throws, and a value is the same as itself', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('SystemMaxUse', 'MaxRetentionSec', 'Seal', 'x'),
        (text, key) => {
          void isJournalValue(key, text)
          expect(isSameJournalValue(key, text, text)).toBe(true)
        },
      ),
    )
  })
})
