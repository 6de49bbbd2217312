import { describe, expect, it } from 'vitest'
import { answerOf, isUntaken, waitBefore } from '../../src/plan/delivery.ts'

const retriable = (status: number): boolean =>
  status < 500 ? [408, 425, 429].includes(status) : ![501, 505].includes(status) && status < 600

describe('what an answer means', () => {
  it.each(Array.from({ length: 500 }, (_, i) => i + 100))('%d', (status) => {
    const expected = status >= 200 && status < 300 ? 'told' : retriable(status) ? 'again' : 'final'
    expect(answerOf(status, {}).kind).toBe(expected)
  })

  it('Retry-After in seconds counts, a date or nonsense does not', () => {
    expect(answerOf(429, { 'retry-after': '3' })).toMatchObject({ afterMs: 3000 })
    expect(answerOf(429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toMatchObject({ afterMs: null })
    expect(answerOf(503, { 'retry-after': '-1' })).toMatchObject({ afterMs: null })
  })

  it('a redirect is named and not followed', () => {
    expect(answerOf(302, { location: 'https://elsewhere' })).toEqual({
      kind: 'final',
      cause: 'status 302: it redirects',
    })
  })
})

describe('how long to wait', () => {
  it('twice, longer the second time, then not again', () => {
    expect([1, 2, 3].map((tries) => waitBefore(tries, null, 60_000))).toEqual([500, 2000, null])
  })

  it('as long as was asked for, if that is not long; never beyond what is left of the run', () => {
    expect(waitBefore(1, 4000, 60_000)).toBe(4000)
    expect(waitBefore(1, 60_000, 600_000)).toBeNull()
    expect(waitBefore(1, null, 400)).toBeNull()
  })
})

describe('what may be sent again', () => {
  it.each([
    ['refused', 'connect ECONNREFUSED 127.0.0.1:1', true],
    ['io', 'getaddrinfo EAI_AGAIN hooks.example.org', true],
    ['io', 'socket hang up', false],
    ['io', 'read ECONNRESET', false],
    ['timeout', 'no answer within 8000 ms', false],
  ])('%s, %s: %s', (cause, detail, expected) => {
    expect(isUntaken({ cause, detail })).toBe(expected)
  })
})
