import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SeriesRow, seriesReader } from '../../src/parse/series-table.ts'

const rowsOf = (text: string): (SeriesRow | string)[] => {
  const reader = seriesReader()
  return text
    .split('\n')
    .map((line) => reader.line(line))
    .filter((row) => row !== null)
}
const one = (text: string): SeriesRow | string | undefined => rowsOf(`time,bytes\n${text}`)[0]

describe('times', () => {
  it.each([
    ['epoch seconds', '1700000000,5', 1_700_000_000_000],
    ['with a fraction', '1700000000.25,5', 1_700_000_000_250],
    ['milliseconds', '1700000000123,5', 1_700_000_000_123],
    ['nanoseconds', '1700000000123000000,5', 1_700_000_000_123],
    ['seconds since a start', '90.5,5', 90_500],
    ['ISO 8601 in UTC', '2026-01-31T03:00:00Z,5', Date.UTC(2026, 0, 31, 3)],
    ['in another zone', '2026-01-31T03:00:00+05:30,5', Date.UTC(2026, 0, 30, 21, 30)],
    ['with a blank and a zone', '2026-01-31 03:00:00.5 -0100,5', Date.UTC(2026, 0, 31, 4, 0, 0, 500)],
    ['in local time', '2026-01-31 03:00:00,5', new Date(2026, 0, 31, 3).getTime()],
    ['a day', '2026-01-31,5', new Date(2026, 0, 31).getTime()],
  ])('%s', (_, line, atMs) => expect(one(line)).toEqual({ atMs, bytes: 5 }))

  it('are not mixed up within a file: the first number decides the unit', () => {
    expect(rowsOf('t,b\n100,1\n200000000,2')).toEqual([
      { atMs: 100_000, bytes: 1 },
      { atMs: 200_000_000_000, bytes: 2 },
    ])
  })

  it('that are none leave the row out', () => {
    for (const cell of ['', 'noon', 'NaN', '2026-02-30', '2026-13-01T00:00:00Z', '1e999'])
      expect(one(`${cell},5`)).toBe('no-time')
  })
})

describe('sizes', () => {
  it.each([
    ['5e6', 5e6],
    ['1.5MiB', 1.5 * 1024 ** 2],
    ['52.3MiB / 1.9GiB', Math.round(52.3 * 1024 ** 2)],
    ['0', 0],
  ])('%s', (cell, bytes) => expect(one(`1,${cell}`)).toEqual({ atMs: 1000, bytes }))

  it('that are none leave the row out', () => {
    for (const cell of ['', 'NaN', 'inf', '-1', '1e30', '9007199254740993000', 'n/a', '0x10'])
      expect(one(`1,${cell}`)).toBe('no-bytes')
    expect(one('1')).toBe('no-bytes')
  })

  it('have the unit that the header names', () => {
    expect(rowsOf('time,rss_kb\n1,2')).toEqual([{ atMs: 1000, bytes: 2048 }])
    expect(rowsOf('time,Memory (MiB)\n1,2')).toEqual([{ atMs: 1000, bytes: 2 * 1024 ** 2 }])
  })
})

it('takes CRLF, a BOM, quotes, semicolons, tabs and a missing header', () => {
  expect(rowsOf('\ufefftime;bytes\r\n1;2\r')).toEqual([{ atMs: 1000, bytes: 2 }])
  expect(rowsOf('"time","bytes","x"\n"1","2","y"')).toEqual([{ atMs: 1000, bytes: 2 }])
  expect(rowsOf('time\tbytes\n1\t2')).toEqual([{ atMs: 1000, bytes: 2 }])
  expect(rowsOf('1,2\n3,4')).toHaveLength(2)
})

it('says what is wrong with a header', () => {
  const reader = seriesReader()
  reader.line('bytes,time')
  expect(reader.headerFault).toMatch(/bytes before time/)
})

it('reads psrecord', () => {
  const text =
    '# Elapsed time   CPU (%)     Real (MB)   Virtual (MB)\n       0.000        0.000        9.500       20.000\n       1.002       50.000       12.000       24.000\n'
  expect(rowsOf(text)).toEqual([
    { atMs: 0, bytes: 9.5 * 1024 ** 2 },
    { atMs: 1002, bytes: 12 * 1024 ** 2 },
  ])
})

it('reads pidstat -r, with its repeated titles and average', () => {
  const text = `Linux 6.1.0-18-amd64 (box) \t01/31/2026 \t_x86_64_\t(2 CPU)

11:59:50 PM   UID       PID  minflt/s  majflt/s     VSZ     RSS   %MEM  Command
11:59:55 PM     0       812      1.00      0.00   20000    4096   0.10  app
12:00:00 AM     0       812      1.00      0.00   20000    5120   0.10  app
Average:        0       812      1.00      0.00   20000    4608   0.10  app`
  expect(rowsOf(text)).toEqual([
    { atMs: new Date(2026, 0, 31, 23, 59, 55).getTime(), bytes: 4096 * 1024 },
    { atMs: new Date(2026, 1, 1).getTime(), bytes: 5120 * 1024 },
  ])
})

it('reads sar -r', () => {
  const text = `Linux 6.1.0-18-amd64 (box) \t2026-01-31 \t_x86_64_\t(2 CPU)

00:00:01    kbmemfree   kbavail kbmemused  %memused kbbuffers
00:10:01       100000    300000    500000     50.00      1000`
  expect(rowsOf(text)).toEqual([{ atMs: new Date(2026, 0, 31, 0, 10, 1).getTime(), bytes: 500_000 * 1024 }])
})

it('never throws, and gives only finite rows', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.constantFrom('time', 'RSS PID %MEM', '#', '"', '\ufeff'),
  )
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 8 }), (lines) => {
      const reader = seriesReader()
      for (const cells of lines) {
        const row = reader.line(cells.join(','))
        if (row !== null && typeof row === 'object') {
          expect(Number.isFinite(row.atMs) && Number.isFinite(row.bytes)).toBe(true)
          expect(row.bytes).toBeGreaterThanOrEqual(0)
        }
      }
    }),
  )
})
