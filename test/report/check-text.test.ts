import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { value } from '../../src/core/reading.ts'
import type { CheckResult } from '../../src/core/service.ts'
import { localStamp } from '../../src/core/stamp.ts'
import { checkText } from '../../src/report/check-text.ts'
import { textWidth } from '../../src/report/width.ts'
import { anyResult } from './any-result.ts'
import { electronCash, finding, healthy, hostile, samples, service, startedAtMs } from './samples.ts'

const golden = join(import.meta.dirname, '../fixtures/report')
const sgr = /\u001b\[\d+m/g

/** The local time of the sample, in whatever zone this machine is, as a stamp of the same width. */
const zoneless = (text: string): string => text.replaceAll(localStamp(startedAtMs), 'YYYY-MM-DD hh:mm:ss')

const plain = (result: CheckResult, columns = 80, verbose = false): string =>
  checkText(result, { columns, color: false, verbose })

const tooWide = (text: string, columns: number): string[] =>
  text
    .replace(sgr, '')
    .split('\n')
    .filter((line) => textWidth(line) > columns)

describe('checkText', () => {
  for (const [name, result] of Object.entries(samples))
    for (const columns of [40, 80, 120]) {
      it(`shows ${name} at ${columns} columns`, async () => {
        await expect(zoneless(plain(result, columns))).toMatchFileSnapshot(
          join(golden, `${name}-${columns}.txt`),
        )
      })
      it(`shows ${name} at ${columns} columns in colour: the same text`, () => {
        const colored = checkText(result, { columns, color: true, verbose: false })
        expect(colored).toMatch(sgr)
        expect(colored.replace(sgr, '')).toBe(plain(result, columns))
      })
    }

  it('marks with colour what the status says', async () => {
    const colored = zoneless(checkText(electronCash, { columns: 80, color: true, verbose: false }))
    await expect(colored.replaceAll('\u001b', '␛')).toMatchFileSnapshot(
      join(golden, 'electronCash-80-color.txt'),
    )
  })

  it('has golden texts that were looked at: no line wider than the terminal', () => {
    for (const columns of [40, 80, 120]) {
      const text = readFileSync(join(golden, `hostile-${columns}.txt`), 'utf8')
      expect(text.length).toBeGreaterThan(500)
      expect(tooWide(text, columns)).toEqual([])
    }
  })

  it('never writes a control character or a line that is too wide, whatever the names', () => {
    fc.assert(
      fc.property(
        anyResult,
        fc.integer({ min: 40, max: 200 }),
        fc.boolean(),
        fc.boolean(),
        (result, columns, color, verbose) => {
          const text = checkText(result, { columns, color, verbose })
          const rest = color ? text.replace(sgr, '') : text
          expect(rest).toMatch(
            /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$/,
          )
          expect(tooWide(text, columns)).toEqual([])
          expect(text.endsWith('\n')).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })

  it.each([0, 10, Number.NaN, Number.POSITIVE_INFINITY, -5])(
    'can live with a terminal of %s columns',
    (columns) => {
      expect(tooWide(plain(healthy, columns), 140)).toEqual([])
    },
  )

  it('tells that there is no swap and no PSI as facts', () => {
    expect(plain(healthy)).toMatch(/^ {2}swap +none$/m)
    expect(plain(samples.raspberryPi as CheckResult)).toMatch(
      /^ {2}memory pressure +not told by this kernel \(PSI is off\)$/m,
    )
    expect(plain(healthy)).not.toMatch(/Problems|Notes|measured/)
  })

  it('leaves the least used of many mounts out, never a bad one, and says how many', () => {
    const mounts = Array.from({ length: 100 }, (_, i) =>
      finding('disks', 'level', i === 7 ? 'critical' : 'ok', {
        item: `/srv/${i}`,
        value: i,
        unit: 'percent',
        warn: 5,
        crit: 6,
      }),
    )
    const text = plain({ ...healthy, findings: mounts })
    expect(text).toMatch(/^ {2}disk \/srv\/7 +█/m)
    expect(text).toMatch(/^ {2}disk \/srv\/99 /m)
    expect(text).not.toMatch(/^ {2}disk \/srv\/50 /m)
    expect(text).toContain('… and 84 more, all well; -v shows them')
    expect(plain({ ...healthy, findings: mounts }, 80, true)).toMatch(/^ {2}disk \/srv\/50 /m)
  })

  it('claims that there is no service only when it could look', () => {
    const noList = finding('containers', 'unreadable', 'unknown', {
      args: { cause: 'denied', what: '/x', detail: '' },
    })
    expect(plain(healthy)).toContain('none found: no container is up')
    expect(plain({ ...healthy, findings: [...healthy.findings, noList] })).toMatch(/^ {2}none found$/m)
  })

  it('says once what is the same for many services', () => {
    const noLimit = finding('limit', 'no-limit', 'ok', {
      unit: 'bytes',
      args: { limitAt: null, wantedBytes: null },
    })
    const services = Array.from({ length: 12 }, (_, i) => service(`web-${i}`, {}, { findings: [noLimit] }))
    const text = plain({ ...healthy, services })
    expect(text).toContain('memory limit: none (web-0, web-1, web-2, web-3, web-4 and 7 more)')
    expect(text.match(/memory limit/g)).toHaveLength(1)
  })

  it('leaves out of 200 services those that are well and small, never a bad one, and says how many', () => {
    const services = Array.from({ length: 200 }, (_, i) =>
      i === 199
        ? service('bad', {}, { status: 'critical', findings: [finding('state', 'failed', 'critical')] })
        : service(`web-${i}`, {
            memory: value({ leakBytes: i, usedBytes: i, swapBytes: 0, limitBytes: null, limitAt: null }),
          }),
    )
    const text = plain({ ...healthy, services })
    expect(text).toMatch(/^! bad /m)
    expect(text).toContain('… and 170 more, all well; -v shows them')
    expect(text).toContain('web-198')
    expect(text).not.toMatch(/^ {2}web-3 /m)
    expect(plain({ ...healthy, services }, 80, true)).toMatch(/^ {2}web-3 /m)
  })

  it('shows – for what a service does not have and ? for what could not be measured', () => {
    expect(plain(samples.raspberryPi as CheckResult)).toMatch(/^! capture_monitor\.py .* – /m)
    expect(plain(samples.blind as CheckResult)).toMatch(/^\? db +container +unknown +\? +\? +– /m)
  })

  it('shows inodes only when they are bad or all is asked for', () => {
    expect(plain(healthy)).not.toContain('inodes')
    expect(plain(healthy, 80, true)).toContain('7% of 6553600 inodes')
    const full = healthy.findings.map((one) =>
      one.code === 'inodes' ? { ...one, status: 'critical' as const, value: 99 } : one,
    )
    expect(plain({ ...healthy, findings: full }).match(/99% of 6553600 inodes/g)).toHaveLength(2)
  })

  it('escapes names instead of obeying them', () => {
    const text = plain(hostile, 120)
    expect(text).toContain('\\x1b]0;owned\\x07')
    expect(text).toContain('\\u202e')
  })
})
