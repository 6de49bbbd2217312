import { describe, expect, it } from 'vitest'
import type { Finding, Status } from '../../src/core/finding.ts'
import { checkOutcome } from '../../src/plan/check-outcome.ts'

const finding = (check: string, status: Status): Finding => ({
  check,
  code: 'level',
  status,
  value: null,
  unit: null,
  warn: null,
  crit: null,
})

describe('whether a check of a service counts as failed', () => {
  it.each([
    ['nothing found', [], 'good'],
    ['all well', [finding('memory', 'ok')], 'good'],
    ['a warning', [finding('memory', 'warning')], 'good'],
    ['critical', [finding('memory', 'critical')], 'failed'],
    ['critical beside unknown', [finding('memory', 'unknown'), finding('state', 'critical')], 'failed'],
    ['unknown beside ok', [finding('memory', 'unknown'), finding('state', 'ok')], 'unknown'],
    ['unknown beside a warning', [finding('memory', 'unknown'), finding('state', 'warning')], 'unknown'],
    ['given up', [finding('restart', 'critical'), finding('memory', 'ok')], 'good'],
    ['restarts that mask a fault', [finding('restarts', 'critical')], 'good'],
  ] as const)('%s', (_, findings, outcome) => {
    expect(checkOutcome(findings, 'critical')).toBe(outcome)
  })

  it('a warning counts where the config wants it', () => {
    expect(checkOutcome([finding('memory', 'warning')], 'warning')).toBe('failed')
    expect(checkOutcome([finding('limit', 'warning')], 'warning')).toBe('good')
  })
})
