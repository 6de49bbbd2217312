import { describe, expect, it } from 'vitest'
import { sparkline } from '../../src/report/sparkline.ts'

const span = { fromMs: 0, toMs: 24_000 }
const rising = Array.from({ length: 24 }, (_, i) => ({ atMs: i * 1000, bytes: 1000 + i * 100 }))

describe('a sparkline', () => {
  it('rises with the series, in the signs that the terminal has', () => {
    expect(sparkline(rising, span, 8, 'unicode')).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline(rising, span, 8, 'console')).toBe('__▄▄▄▄██')
    expect(sparkline(rising, span, 8, 'ascii')).toBe('_..-=**#')
    expect(sparkline(rising, span, 8, 'ascii')).toMatch(/^[\x20-\x7e]{8}$/)
  })

  it('draws noise as level', () => {
    const noise = rising.map(({ atMs }, i) => ({ atMs, bytes: 1000 + (i % 2) }))
    expect(new Set(sparkline(noise, span, 8, 'unicode')).size).toBe(1)
  })

  it('leaves a gap blank, and only a gap', () => {
    const withGap = rising.filter(({ atMs }) => atMs < 6000 || atMs >= 15_000)
    expect(sparkline(withGap, span, 24, 'unicode')).toMatch(/^\S{6} {9}\S{9}$/)
    const everyThird = rising.filter((_, i) => i % 3 === 0)
    expect(sparkline(everyThird, span, 24, 'unicode')).toMatch(/^\S{22} {2}$/)
    expect(sparkline(rising.slice(20), span, 24, 'unicode')).toMatch(/^ {20}\S{4}$/)
  })

  it('of nothing is nothing, and leaves out what lies outside', () => {
    expect(sparkline([], span, 8, 'unicode')).toBe('')
    expect(sparkline([{ atMs: -5000, bytes: 1 }], span, 8, 'unicode')).toBe('')
    expect(sparkline([{ atMs: 24_000, bytes: 1 }], span, 8, 'unicode')).toMatch(/^ {7}\S$/)
  })
})
