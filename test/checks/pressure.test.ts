import { describe, expect, it } from 'vitest'
import { pressure } from '../../src/checks/pressure.ts'
import type { Pressure } from '../../src/core/facts.ts'
import { capturedHost } from '../support/captured-host.ts'

const limits = pressure.limits.default
const read = (files: Record<string, string>) => pressure.read(capturedHost({ files }), limits, null)

const line = (avg60: number) => ({ avg10: 1, avg60, avg300: 3, totalMicroseconds: 4 })
const facts = (avg60: number): Pressure => ({ some: line(50), full: line(avg60) })

describe('memory pressure', () => {
  it('reads the host’s PSI file', () => {
    const text =
      'some avg10=1.50 avg60=9.00 avg300=3.00 total=7\nfull avg10=0.50 avg60=41.20 avg300=2.00 total=5\n'
    expect(read({ '/proc/pressure/memory': text })).toMatchObject({
      kind: 'value',
      value: { some: { avg60: 9 }, full: { avg60: 41.2 } },
    })
  })

  it('a kernel without PSI is no fault', () => {
    expect(read({})).toMatchObject({ kind: 'absent' })
  })

  it('a file of another form is a failure', () => {
    expect(read({ '/proc/pressure/memory': '' })).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('judges the share of time in which all waited, and says the others', () => {
    expect(pressure.judge(facts(12), limits)).toMatchObject([
      { status: 'warning', value: 12, unit: 'percent', args: { avg10: 1, avg300: 3, someAvg60: 50 } },
    ])
    expect(pressure.judge({ some: line(50), full: null }, limits)).toEqual([])
  })

  it.each([
    [9.99, 'ok'],
    [10, 'warning'],
    [39.99, 'warning'],
    [40, 'critical'],
  ] as const)('%d %% is %s', (avg60, status) => {
    expect(pressure.judge(facts(avg60), limits)[0]?.status).toBe(status)
  })
})
