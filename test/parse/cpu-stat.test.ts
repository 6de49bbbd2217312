import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBootTime, parseCpuStat } from '../../src/parse/cpu-stat.ts'

const stat = `cpu  26300 1796 14471 264075 2030 3 653 11446 5000 100
cpu0 11635 685 6040 135768 319 0 220 5960 0 0
cpu1 14664 1111 8430 128307 1711 0 432 5485 0 0
intr 1403846 0 9 0 0 0 0 0 0
ctxt 2761529
btime 1795328098
processes 12301
procs_running 3
procs_blocked 0
softirq 913402 0 134021 6 13 12 0 1 500 0 100
`

describe('parseCpuStat', () => {
  it('adds up the first eight columns; guest time is in user time already, iowait is idle', () => {
    expect(parseCpuStat(stat)).toEqual({
      kind: 'value',
      value: { totalTicks: 26300 + 1796 + 14471 + 264075 + 2030 + 3 + 653 + 11446, idleTicks: 264075 + 2030 },
    })
  })

  it.each([
    ['2.4: four columns', 'cpu 10 20 30 40\n', 100, 40],
    ['2.6.9: no steal', 'cpu  10 20 30 40 5 1 1\n', 107, 45],
    ['not the first line', 'page 1 2\ncpu  1 2 3 4 5 6 7 8 9 10\n', 36, 9],
    ['no line break at the end', 'cpu  1 2 3 4', 10, 4],
  ])('%s', (_, text, totalTicks, idleTicks) => {
    expect(parseCpuStat(text)).toEqual({ kind: 'value', value: { totalTicks, idleTicks } })
  })

  it.each([
    '',
    'cpu\n',
    'cpu  1 2 3\n',
    'cpu0 1 2 3 4\n',
    'cpu  1 2 x 4\n',
    'cpu -1 2 3 4',
    `cpu 1 2 3 ${'9'.repeat(20)}`,
  ])('refuses %j', (text) => {
    expect(parseCpuStat(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('never throws, and idle is a part of all', () => {
    const columns = fc.array(fc.nat(2 ** 40), { maxLength: 12 }).map((ticks) => `cpu  ${ticks.join(' ')}\n`)
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), columns), (text) => {
        const reading = parseCpuStat(text)
        return reading.kind !== 'value' || reading.value.idleTicks <= reading.value.totalTicks
      }),
    )
  })
})

describe('parseBootTime', () => {
  it('is in milliseconds', () => {
    expect(parseBootTime(stat)).toEqual({ kind: 'value', value: 1_795_328_098_000 })
  })

  it.each(['', 'btime\n', 'btime x\n', 'btime -5\n', 'xbtime 5\n', `btime ${'9'.repeat(30)}\n`])(
    'refuses %j',
    (text) => {
      expect(parseBootTime(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
    },
  )
})
