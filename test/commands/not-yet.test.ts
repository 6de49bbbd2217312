import { describe, expect, it } from 'vitest'
import { notYet } from '../../src/commands/not-yet.ts'
import { defaultConfig } from '../../src/config/schema.ts'

describe('what the config may say and this version does not act on', () => {
  it('nothing without a config', () => {
    expect(notYet(defaultConfig())).toEqual([])
  })

  it('is named, as a warning', () => {
    expect(notYet({ ...defaultConfig(), metrics: { textfile: '/x.prom' } })).toMatchObject([
      { status: 'warning', args: { keys: 'metrics.textfile' } },
    ])
  })
})
