import { describe, expect, it } from 'vitest'
import { nextStep } from '../../src/report/crash-words.ts'

describe('nextStep', () => {
  it('of a leak is a command that works: by the name of the config, not by that of the unit', () => {
    const grew = { code: 'grew' as const, bytesPerMinute: 1e6, seconds: 600, culprit: null, service: 'trade' }
    expect(nextStep({ name: 'trading.service', kind: 'unit', score: 6, reasons: [grew] })).toContain(
      'oratio-health trend --service trade;',
    )
  })
})
