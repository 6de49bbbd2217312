import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GatheredCheck } from '../../src/core/gathered.ts'
import { gatheredDocument } from '../../src/parse/gathered-document.ts'

const finding = (check: string, code: string, status: string) => ({
  check,
  code,
  status,
  message: `${check}!`,
})

const base = {
  schema: 'oratio-health/check@1',
  ...{ version: '1.2.3', host: 'box', status: 'warning', exitCode: 1 },
  ...{ startedAt: '2026-01-31T02:59:59.000Z', finishedAt: '2026-01-31T03:00:00.000Z' },
  findings: [finding('disks', 'level', 'ok')],
  services: [
    {
      ...{ name: 'web', status: 'warning', metrics: { secondsToLimit: 100 } },
      findings: [finding('growth', 'leak', 'warning'), finding('memory', 'level', 'ok')],
    },
  ],
  ownFindings: [],
}

const read = (over: object = {}): GatheredCheck =>
  gatheredDocument(JSON.stringify({ ...base, ...over })) as GatheredCheck

describe('gatheredDocument', () => {
  it('tells the last check', () => {
    expect(read()).toEqual({
      ...{ form: 'check', hostname: 'box', version: '1.2.3', status: 'warning' },
      atMs: Date.UTC(2026, 0, 31, 3),
      services: [{ name: 'web', status: 'warning', isLeaking: true, secondsToLimit: 100 }],
      problems: [{ service: 'web', check: 'growth', status: 'warning', message: 'growth!' }],
    })
  })

  it('counts from when a status was seen, with its trouble and its overdue jobs', () => {
    const over = {
      schema: 'oratio-health/status@1',
      seenAt: '2026-01-31T01:00:00.000Z',
      trouble: 'no record',
    }
    const told = read({ ...over, jobs: [{ command: 'cleanup-tmp', isOverdue: true }] })
    expect(told.atMs).toBe(Date.UTC(2026, 0, 31, 1))
    expect(told.problems.map(({ message }) => message)).toEqual([
      'no record',
      'job cleanup-tmp is overdue',
      'growth!',
    ])
    expect(told.status).toBe('unknown')
  })

  it('has the words of an error that came in place of a check', () => {
    const { services: _, findings: __, ...rest } = base
    const over = { schema: 'oratio-health/error@1', status: 'critical', error: { message: 'no config' } }
    const told = gatheredDocument(JSON.stringify({ ...rest, ...over })) as GatheredCheck
    expect([told.form, told.status, told.problems[0]?.message]).toEqual([
      ...['error', 'critical', 'check ended: no config'],
    ])
  })

  it('is never better than the worst in it, nor than what is missing', () => {
    expect(read({ status: 'ok' }).status).toBe('warning')
    expect(read({ status: 'ok', findings: [finding('swap', 'level', 'critical')] }).status).toBe('critical')
    for (const over of [
      ...[{ status: undefined }, { status: 'fine' }, { services: undefined }, { findings: null }],
      ...[{ services: [null] }, { services: [{ name: 'x' }] }, { findings: ['x'] }],
    ])
      expect(read(over).status, JSON.stringify(over)).toBe('unknown')
  })

  it('of a document that was cut off anywhere is none', () => {
    const text = JSON.stringify(base)
    for (let length = 0; length < text.length; length++)
      expect(gatheredDocument(text.slice(0, length))).toHaveProperty('kind', 'broken')
  })

  it('says nothing of what stands in a file that is something else', () => {
    for (const text of [
      'root:$6$secret:1::',
      '"secret"',
      '[{"secret":1}]',
      '{"schema":"secret"}',
      '{"secret',
      'null',
    ])
      expect(JSON.stringify(gatheredDocument(text))).not.toContain('secret')
    expect(gatheredDocument('{"schema":"oratio-health/report@1"}')).toHaveProperty('kind', 'foreign')
    expect(read({ finishedAt: 'yesterday' })).toHaveProperty('kind', 'broken')
  })

  it('tells of any JSON something, and throws of none', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(base)), fc.jsonValue()), (over) => {
        expect(read(over as object)).toBeTypeOf('object')
      }),
    )
    expect(gatheredDocument('['.repeat(200_000))).toHaveProperty('kind', 'broken')
  })
})
