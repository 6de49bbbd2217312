import { describe, expect, it } from 'vitest'
import type { Attribution } from '../../src/core/composition.ts'
import { attributionLines, culpritWords } from '../../src/report/attribution-text.ts'

const mib = 1024 ** 2
const sinceMs = new Date(2026, 10, 26, 16, 2).getTime()
const plain = (_: string, text: string): string => text

const attribution: Attribution = {
  sinceMs,
  gainBytes: 600 * mib,
  kinds: [
    { kind: 'anonymous', thenBytes: 100 * mib, nowBytes: 700 * mib },
    { kind: 'shared', thenBytes: 0, nowBytes: 0 },
    { kind: 'file', thenBytes: 5 * mib, nowBytes: 900 * mib },
  ],
  processes: [
    { name: 'app', pid: 412, thenBytes: 100 * mib, nowBytes: 690 * mib, thenProcesses: 1, nowProcesses: 1 },
    { name: 'calm', pid: 7, thenBytes: 5 * mib, nowBytes: 4 * mib, thenProcesses: 1, nowProcesses: 1 },
  ],
  names: [
    { name: 'app', pid: null, thenBytes: 100 * mib, nowBytes: 690 * mib, thenProcesses: 1, nowProcesses: 30 },
  ],
  openFiles: { before: 10, now: 400 },
  threads: { before: 4, now: 4 },
  culprit: { of: 'process', name: 'app', pid: 412, gainBytes: 590 * mib, kind: 'anonymous' },
  unread: 0,
}

const lines = (of: Attribution, cells = 80): string[] =>
  attributionLines('wallet', of, sinceMs + 25 * 60_000, cells, plain)

describe('attributionLines', () => {
  it('says how many processes could not be read', () => {
    expect(lines({ ...attribution, unread: 3 }).at(-1)).toBe('  processes that could not be read: 3')
    expect(lines(attribution).join('')).not.toContain('could not')
  })

  it('of a number that is not known there is no zero', () => {
    const names = attribution.names.map((one) => ({ ...one, thenProcesses: null }))
    const ofName: Attribution = {
      ...attribution,
      names,
      culprit: { of: 'name', name: 'app', pid: null, gainBytes: 590 * mib, kind: 'anonymous' },
    }
    expect(culpritWords(ofName)).toBe('app, ? → 30 processes, +590.0 MiB of anonymous memory')
    expect(lines(ofName).find((line) => line.includes('30×'))).toMatch(/ \? +30×/)
  })

  it('marks the culprit and its kind, and leaves out what does not grow', () => {
    expect(lines(attribution)).toEqual([
      'wallet, in 25m since 2026-11-26 16:02',
      '                         then        now      growth',
      '  app (412)         100.0 MiB  690.0 MiB  +590.0 MiB  ← culprit',
      '  anonymous memory  100.0 MiB  700.0 MiB  +600.0 MiB  ← culprit',
      '  page cache          5.0 MiB  900.0 MiB  +895.0 MiB',
      '  open files               10        400        +390',
    ])
  })

  it('shows names with their counts where a name is it, and fits 40 cells', () => {
    const named: Attribution = {
      ...attribution,
      culprit: { ...attribution.culprit, of: 'name', name: 'app', pid: null } as never,
    }
    expect(lines(named).join('\n')).toMatch(/app +1×, 100\.0 MiB +30×, 690\.0 MiB +\+590\.0 MiB {2}← culprit/)
    for (const width of [40, 60])
      for (const line of lines(named, width)) expect(line.length).toBeLessThanOrEqual(width)
  })

  it('lets no control character of a name through', () => {
    const hostile = 'x\u001b[2J\n'
    const one = { ...attribution.processes[0], name: hostile } as Attribution['processes'][0]
    const named: Attribution = {
      ...attribution,
      processes: [one],
      culprit: { of: 'process', name: hostile, pid: 412, gainBytes: 1, kind: null },
    }
    expect(lines(named).join('') + culpritWords(named)).not.toMatch(/[\u0000-\u001f]/)
  })
})

describe('culpritWords', () => {
  it.each([
    [attribution.culprit, 'app (412), +590.0 MiB of anonymous memory'],
    [
      { of: 'name', name: 'app', pid: null, gainBytes: 590 * mib, kind: 'anonymous' },
      'app, 1 → 30 processes, +590.0 MiB of anonymous memory',
    ],
    [{ of: 'kind', kind: 'kernel', gainBytes: mib }, 'kernel memory, +1.0 MiB, of no process'],
    [{ of: 'kind', kind: 'anonymous', gainBytes: mib }, 'anonymous memory, +1.0 MiB, of many processes'],
    [null, null],
  ] as const)('%o', (culprit, expected) => {
    expect(culpritWords({ ...attribution, culprit: culprit as Attribution['culprit'] })).toBe(expected)
  })
})
