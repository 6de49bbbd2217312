import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failed } from '../../src/core/reading.ts'
import type { CheckResult } from '../../src/core/service.ts'
import { checkDocument } from '../../src/report/check-document.ts'
import { documentHead, documentText } from '../../src/report/document-head.ts'
import { validateDocument } from '../support/schema.ts'
import { anyResult } from './any-result.ts'
import { blind, electronCash, samples, service } from './samples.ts'

const wholeDocument = (result: CheckResult): Record<string, unknown> => {
  const { schema, body } = checkDocument(result)
  const { hostname, startedAtMs, finishedAtMs, status } = result
  const head = documentHead({
    schema,
    version: '0.1.0',
    hostname,
    startedAtMs,
    finishedAtMs,
    status,
    exitCode: 2,
  })
  return { ...head, ...body }
}

// biome-ignore lint/suspicious/noExplicitAny: looked into as a script would.
const parsed = (result: CheckResult): any => JSON.parse(documentText(wholeDocument(result)))

describe('check@1', () => {
  it.each(Object.entries(samples))('is valid for %s', (_, result) => {
    expect(validateDocument(parsed(result))).toEqual([])
  })

  it('is valid for arbitrary results, and their text holds nothing a terminal obeys', () => {
    fc.assert(
      fc.property(anyResult, (result) => {
        const text = documentText(wholeDocument(result))
        expect(validateDocument(JSON.parse(text))).toEqual([])
        expect(text).toMatch(
          /^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]*\n$/,
        )
      }),
    )
  })

  it('has null, not 0, for what was not measured, with an unknown finding and the reason', () => {
    const db = parsed(blind).services[0]
    expect(db.metrics).toMatchObject({
      memoryBytes: null,
      processes: null,
      restarts: null,
      uptimeSeconds: null,
    })
    expect(db.findings.map((one: { status: string }) => one.status)).toContain('unknown')
    expect(db.unmeasured).toContainEqual({
      metric: 'memoryBytes',
      cause: 'timeout',
      what: '/var/run/docker.sock',
      detail: 'no answer within 5s',
    })
  })

  it('says the share of RAM where there is no limit, and what it is a share of', () => {
    const [, wallet, monitor] = parsed(electronCash).services
    expect(wallet.metrics).toMatchObject({
      memoryLimitBytes: null,
      memoryPercentOf: 'ram',
      memoryPercent: 69.1099,
    })
    expect(monitor.metrics).toMatchObject({ memoryPercentOf: 'limit', memoryPercent: 28.3333 })
    const noRam = parsed({ ...blind, services: [service('web')] }).services[0]
    expect(noRam.metrics).toMatchObject({ memoryPercentOf: null, memoryPercent: null })
  })

  it('keeps names as they are found', () => {
    const name = 'a\u009b31m\u202eb'
    expect(parsed({ ...blind, services: [service(name)] }).services[0].name).toBe(name)
  })

  it('tells a failure of a figure that is not a metric of every service', () => {
    const odd = service('web', { matchedProcesses: failed('denied', '/proc/1', 'EACCES') })
    expect(parsed({ ...blind, services: [odd] }).services[0].unmeasured).toMatchObject([
      { metric: 'matchedProcesses' },
    ])
  })
})

describe('validateDocument', () => {
  it.each([
    ['an unknown key', { extra: 1 }],
    ['a wrong status', { status: 'fine' }],
    ['a time without a zone', { startedAt: '2026-01-31 03:00' }],
    ['a missing part', { services: undefined }],
    ['an unknown schema', { schema: 'oratio-health/other@1' }],
    ['a schema outside the folder', { schema: 'oratio-health/../package' }],
  ])('refuses %s', (_, change) => {
    const document = JSON.parse(JSON.stringify({ ...parsed(electronCash), ...change }))
    expect(validateDocument(document)).not.toEqual([])
  })

  it('refuses what is no document', () => {
    expect(validateDocument(null)).not.toEqual([])
  })

  it('knows the document of a run that ended without a result', () => {
    const head = documentHead({
      schema: 'error@1',
      version: '0.1.0',
      hostname: '',
      startedAtMs: 0,
      finishedAtMs: 1,
      status: 'critical',
      exitCode: 78,
    })
    expect(validateDocument({ ...head, error: { message: 'the config is invalid', mend: null } })).toEqual([])
    expect(validateDocument({ ...head, status: 'ok', error: { message: 'x', mend: null } })).not.toEqual([])
  })
})
