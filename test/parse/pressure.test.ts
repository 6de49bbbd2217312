import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePressure } from '../../src/parse/pressure.ts'

const none = { avg10: 0, avg60: 0, avg300: 0, totalMicroseconds: 0 }

describe('parsePressure', () => {
  it('reads both lines', () => {
    const text =
      'some avg10=6.72 avg60=2.45 avg300=1.01 total=35972482\nfull avg10=0.00 avg60=100.00 avg300=0.00 total=0\n'
    expect(parsePressure(text)).toEqual({
      kind: 'value',
      value: {
        some: { avg10: 6.72, avg60: 2.45, avg300: 1.01, totalMicroseconds: 35_972_482 },
        full: { ...none, avg60: 100 },
      },
    })
  })

  it('has no full line for the cpu before Linux 5.13', () => {
    expect(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n')).toEqual({
      kind: 'value',
      value: { some: none, full: null },
    })
  })

  it.each([
    '',
    'full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    'some avg10=0.00 avg60=0.00 avg300=0.00\n',
    'some avg10=0,00 avg60=0,00 avg300=0,00 total=0\n',
    'some avg10=-1.00 avg60=0.00 avg300=0.00 total=0\n',
    'some avg60=0.00 avg10=0.00 avg300=0.00 total=0\n',
    'some avg10=NaN avg60=NaN avg300=NaN total=0\n',
    'awesome avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  ])('refuses %j', (text) => {
    expect(parsePressure(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('never throws, and gives back what the kernel prints', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePressure(text)))
    const percent = fc.nat(10_000).map((n) => (n / 100).toFixed(2))
    fc.assert(
      fc.property(percent, percent, percent, fc.nat(), (a, b, c, total) => {
        expect(parsePressure(`some avg10=${a} avg60=${b} avg300=${c} total=${total}\n`)).toMatchObject({
          value: {
            some: { avg10: Number(a), avg60: Number(b), avg300: Number(c), totalMicroseconds: total },
          },
        })
      }),
    )
  })
})
