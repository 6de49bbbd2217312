import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { command } from '../../src/commands/trend.ts'
import { HealthError } from '../../src/core/errors.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, documentOf, tempHost } from './temp-host.ts'

const root = tempFolder('trend')
const host = tempHost(root, { files: {} })

const trend = async (
  files: Record<string, string>,
  options: Record<string, unknown> = {},
  more: string[] = [],
) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  const args = [...Object.keys(files), ...more].map((name) => `/${name}`)
  const result = await command.run({ ...contextOf(host), args, options })
  const document = documentOf(result)
  expect(validateDocument(document)).toEqual([])
  return { result, document, text: result.text({ columns: 80, color: false, verbose: false }) }
}

const csv = (rows: readonly (readonly [number | string, number | string])[], header = 'time,bytes'): string =>
  `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`

const mib = 1024 ** 2
const times = Array.from({ length: 60 }, (_, i) => i)
const wave = (i: number): number => ((i * 7919) % 13) - 6
const leaking = times.map((i) => [1_700_000_000 + 60 * i, (500 + 20 * i + wave(i)) * mib] as const)
const flat = times.map((i) => [1_700_000_000 + 60 * i, (500 + wave(i)) * mib] as const)

describe('trend', () => {
  it('calls a leak, with rate, onset, and the time to the limit as a range', async () => {
    const { result, document, text } = await trend({ 'leak.csv': csv(leaking) }, { limit: 4096 * mib })
    expect(result.status).toBe('critical')
    expect(document).toMatchObject({
      verdict: 'leak',
      file: '/leak.csv',
      limitBytes: 4096 * mib,
      onsetSeconds: 0,
    })
    const { secondsToLimit, secondsToLimitLow, secondsToLimitHigh } = document as Record<string, number>
    const truth = ((4096 - 500 - 20 * 59) / 20) * 60
    expect(secondsToLimitLow).toBeLessThanOrEqual(truth)
    expect(secondsToLimitHigh).toBeGreaterThanOrEqual(truth)
    expect(Math.abs((secondsToLimit as number) - truth)).toBeLessThan(truth * 0.1)
    expect(text).toMatch(/^LEAK {2}\/leak\.csv: /)
    expect(text).toContain('█')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('names a file that is not there once, with a mend, and does not read standard input', async () => {
    const { text, document } = await trend({}, {}, ['none.csv'])
    expect(text).toBe('ERROR  /none.csv: there is no such file; give its path\n')
    expect(document.error).toBe('there is no such file; give its path')
    await expect(command.run({ ...contextOf(host), args: ['-'], options: {} })).rejects.toMatchObject({
      code: 64,
      message: 'trend does not read standard input',
    })
  })

  it('of a limit that is passed already says that, and no time of 0s', async () => {
    const { document, text } = await trend({ 'passed.csv': csv(leaking) }, { limit: 1024 * mib })
    expect(text).toMatch(/\n {2}limit {3}1\.0 GiB is passed: 1\.6 GiB by now\n/)
    expect(document.secondsToLimit).toBe(0)
    const stable = await trend({ 'level.csv': csv(flat) }, { limit: 128 * mib })
    expect(stable.text).toContain('128.0 MiB is passed')
  })

  it('calls what is level stable, and what is too short insufficient', async () => {
    expect((await trend({ 'flat.csv': csv(flat) })).result.status).toBe('ok')
    const { result, document } = await trend({ 'one.csv': csv([[1, 2]]) })
    expect(result.status).toBe('unknown')
    expect(document).toMatchObject({
      verdict: 'insufficient',
      slopeBytesPerMinute: null,
      secondsToLimit: null,
    })
  })

  it('gives each of many files its result, and one that cannot be read its error', async () => {
    const { result, document } = await trend({ 'a.csv': csv(flat), 'b.csv': '' }, {}, ['gone.csv'])
    expect(result.status).toBe('critical')
    expect(document.results).toMatchObject([
      { file: '/a.csv', verdict: 'stable' },
      { file: '/b.csv', error: expect.stringContaining('no row') },
      { file: '/gone.csv', error: expect.stringContaining('no such file') },
    ])
    expect(result.problems).toHaveLength(2)
  })

  it('wants a file', async () => {
    await expect(command.run({ ...contextOf(host), args: [], options: {} })).rejects.toThrow(HealthError)
  })
})

describe('bad input', () => {
  const verdictOf = async (text: string): Promise<Record<string, unknown>> =>
    (await trend({ 'bad.csv': text })).document
  const leak = expect.objectContaining({ verdict: 'leak' })

  it.each([
    ['no header', csv(leaking).slice('time,bytes\n'.length)],
    ['CRLF', csv(leaking).replaceAll('\n', '\r\n')],
    ['a BOM', `\ufeff${csv(leaking)}`],
    ['no line end at the end', csv(leaking).trimEnd()],
    ['unsorted', csv([...leaking].reverse())],
    ['doubles', csv([...leaking, ...leaking])],
    ['milliseconds', csv(leaking.map(([at, bytes]) => [at * 1000, bytes] as const))],
    ['seconds since a start', csv(leaking.map(([, bytes], i) => [i * 60, bytes] as const))],
    [
      'time zones that change',
      csv(
        leaking.map(([at, bytes], i) => {
          const [shift, zone] = i % 2 === 0 ? [0, 'Z'] : [2 * 3_600_000, '+02:00']
          return [new Date(at * 1000 + shift).toISOString().replace('Z', zone), bytes] as const
        }),
      ),
    ],
    [
      'NaN, negative and huge between',
      csv(
        leaking.flatMap((row, i) => (i % 9 ? [row] : [row, [row[0], 'NaN'], [row[0], -5], [row[0], 1e30]])),
      ),
    ],
  ])('%s: the same verdict', async (_, text) => expect(await verdictOf(text)).toEqual(leak))

  it('what was left out or guessed is said', async () => {
    const { notes } = await verdictOf(
      csv([...leaking, [1, 'NaN'], ['x', 5], [5, 5]]).replace('time,bytes\n', ''),
    )
    expect(notes).toEqual([
      expect.stringContaining('no header'),
      expect.stringContaining('1 rows without a time'),
      expect.stringContaining('1 rows without a size'),
      expect.stringContaining('earlier'),
    ])
  })

  it.each([
    ['no row', 'time,bytes\n', /no row/],
    ['nothing at all', '', /no row/],
    ['wrong columns', 'bytes,time\n5,6\n', /bytes before time/],
    ['one column', 'memory\n5\n', /one column/],
    ['words', 'time,bytes\nfoo,bar\n', /line 2 .*foo,bar/],
    ['only NaN', csv(leaking.map(([at]) => [at, 'NaN'])), /no row of time and bytes/],
  ])('%s: an error that names the place', async (_, text, error) => {
    expect((await verdictOf(text)).error).toMatch(error)
  })

  it('gaps of days do not make or hide a leak', async () => {
    const gapped = (rows: typeof leaking) =>
      rows.map(([at, bytes], i) => [at + (i > 30 ? 3 * 86_400 : 0), bytes] as const)
    expect(await verdictOf(csv(gapped(flat)))).toMatchObject({ verdict: 'stable' })
  })

  it('a million rows in bounded memory', async () => {
    const path = join(root, 'big.csv')
    writeFileSync(path, 'time,bytes\n')
    for (let block = 0; block < 100; block++) {
      const rows = Array.from({ length: 10_000 }, (_, i) => block * 10_000 + i)
      appendFileSync(
        path,
        rows.map((i) => `${1_700_000_000 + i},${500 * mib + i * 300 + wave(i) * mib}\n`).join(''),
      )
    }
    const before = process.memoryUsage().arrayBuffers
    const { document } = await trend({}, {}, ['big.csv'])
    expect(document).toMatchObject({ verdict: 'leak', samples: 10_000 })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * mib)
  })
})
