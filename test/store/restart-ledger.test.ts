import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshMemory } from '../../src/core/restart-memory.ts'
import { makeSave } from '../../src/host/save.ts'
import { decideRestart } from '../../src/plan/restart.ts'
import {
  appendLedger,
  type LedgerLine,
  ledgerEvents,
  ledgerText,
  parseLedger,
  readLedger,
  restartsFromLedger,
  withLedger,
} from '../../src/store/restart-ledger.ts'
import { freshRestarts } from '../../src/store/restart-state.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('ledger')
const nowMs = new Date(2026, 0, 31, 3, 0, 0).getTime()
const save = makeSave(liveBase, () => nowMs)
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

let count = 0
const folder = (): string => {
  const path = join(top, String(count++))
  mkdirSync(path)
  return path
}
const line = (more: Partial<LedgerLine> = {}): LedgerLine => ({
  atMs: nowMs,
  service: 'web',
  event: 'restarted',
  detail: '3 failed checks in a row',
  ...more,
})
const textOf = (...lines: Partial<LedgerLine>[]): string => lines.map((one) => ledgerText(line(one))).join('')

describe('a line', () => {
  it('is as the contract has it', () => {
    expect(ledgerText(line())).toBe('[2026-01-31 03:00:00] WARN web restarted: 3 failed checks in a row\n')
    expect(ledgerText(line({ event: 'reset', detail: '' }))).toBe('[2026-01-31 03:00:00] INFO web reset\n')
  })

  it('property: what is written is read, whatever the detail; another line cannot be feigned in it', () => {
    const one = fc.record({
      atMs: fc.integer({ min: 1, max: 2_000_000 }).map((minutes) => minutes * minute),
      service: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@:/-]{0,99}$/),
      event: fc.constantFrom(...ledgerEvents),
      detail: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constant('x\n[2026-01-31 02:59:00] WARN db restarted: feigned'),
      ),
    })
    fc.assert(
      fc.property(fc.array(one), (lines) => {
        const read = parseLedger(lines.map(ledgerText).join(''))
        expect(read.map(({ service, event }) => ({ service, event }))).toEqual(
          lines.map(({ service, event }) => ({ service, event })),
        )
        for (const [i, { atMs }] of read.entries())
          expect(Math.abs(atMs - (lines[i]?.atMs ?? 0))).toBeLessThanOrEqual(hour)
      }),
    )
  })

  it.each([
    '',
    '\0\0\0',
    '[2026-01-31 03:00:00] WARN web',
    '[2026-01-31 03:00:00] WARN web resta',
    '[2026-13-31 03:00:00 WARN web restarted',
    '[2026-01-31T03:00:00] WARN web restarted',
    '[9999-99-99 99:99:99] WARN  restarted',
    '[2026-01-31 03:00:00] DEBUG web restarted',
    '[2026-01-31 03:00:00] WARN two names restarted',
    '[2026-01-31 03:00:00] WARN web restarted without a colon',
  ])('of another form is left out: %j', (text) => {
    expect(parseLedger(`${text}\n${ledgerText(line())}`)).toEqual([line()])
  })

  it('a hostile megabyte takes no time to speak of', () => {
    for (const text of ['[2026-01-31 03:00:00] WARN ', 'x', ' restarted: '])
      expect(parseLedger(text.repeat(Math.ceil(1e6 / text.length))).length).toBeLessThan(2)
  })
})

describe('restarts rebuilt from the ledger', () => {
  it('those of this toolkit, tried ones too, of the last month, each once', () => {
    const text = textOf(
      { atMs: nowMs - 32 * day },
      { atMs: nowMs - 2 * hour },
      { atMs: nowMs - hour, event: 'restart-failed' },
      { atMs: nowMs - hour, event: 'restart-failed' },
      { atMs: nowMs - 30 * minute, event: 'by-engine' },
      { atMs: nowMs - 30 * minute, event: 'by-systemd' },
      { atMs: nowMs - 20 * minute, event: 'gave-up' },
      { atMs: nowMs - 15 * minute, detail: 'restart every 4h; runs as process 7' },
      { atMs: nowMs - 10 * minute, service: 'db' },
    )
    expect([...restartsFromLedger(text, nowMs)]).toEqual([
      ['web', [nowMs - 2 * hour, nowMs - hour]],
      ['db', [nowMs - 10 * minute]],
    ])
  })

  it('a reset forgets what was before it, and stamps of the future are now', () => {
    const text = textOf(
      { atMs: nowMs - 3 * hour },
      { atMs: nowMs - 2 * hour, event: 'reset' },
      { atMs: nowMs - hour },
      { atMs: nowMs + 5 * day },
    )
    expect(restartsFromLedger(text, nowMs).get('web')).toEqual([nowMs - hour, nowMs])
  })

  it('property: in order and never of the future, whatever the text', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.integer({ min: -100, max: 100 }).map((hours) => textOf({ atMs: nowMs + hours * hour })),
    )
    fc.assert(
      fc.property(fc.array(odd), (parts) => {
        for (const stamps of restartsFromLedger(parts.join('\n'), nowMs).values()) {
          expect(stamps).toEqual([...stamps].sort((a, b) => a - b))
          expect(Math.max(...stamps)).toBeLessThanOrEqual(nowMs)
        }
      }),
    )
  })

  it('the budget survives a lost state: no sixth restart today', () => {
    const text = textOf(...[5, 4, 3, 2, 1].map((hours) => ({ atMs: nowMs - hours * hour })))
    const all = withLedger(Object.create(null), restartsFromLedger(text, nowMs), nowMs)
    const memory = all.web?.memory ?? freshMemory
    expect(memory.restartsInARow).toBe(5)
    const policy = {
      after: 1,
      outOf: null,
      backoff: { after: 3, step: 60, max: 3600 },
      limit: { count: 5, perSeconds: 86_400 },
      every: null,
      startGrace: 0,
    }
    const now = { nowMs, identity: 'a', outcome: 'failed', uptimeSeconds: null, heldBy: null } as const
    expect(decideRestart(memory, policy, now).decision).toMatchObject({ kind: 'given-up', restarts: 5 })
    expect(decideRestart(freshMemory, policy, now).decision).toMatchObject({ kind: 'restart' })
  })

  it('what the state knows stands', () => {
    const known = { web: freshRestarts }
    const all = withLedger(
      known,
      new Map([
        ['web', [nowMs]],
        ['__proto__', [nowMs]],
      ]),
      nowMs,
    )
    expect(all.web).toBe(freshRestarts)
    expect(Object.keys(all)).toEqual(['web', '__proto__'])
  })
})

describe('the file', () => {
  it('grows line by line, its folder is made', () => {
    const at = join(folder(), 'logs')
    expect(readLedger(save, at)).toBe('')
    expect(appendLedger(save, at, line())).toEqual({ kind: 'value', value: true })
    expect(appendLedger(save, at, line({ event: 'gave-up', detail: '' }))).toEqual({
      kind: 'value',
      value: true,
    })
    expect(readFileSync(join(at, 'restart_history.log'), 'utf8')).toBe(
      textOf({}, { event: 'gave-up', detail: '' }),
    )
    expect(statSync(join(at, 'restart_history.log')).mode & 0o777).toBe(0o640)
  })

  it('is rotated at 5 MB, once, and both are read, the older first', () => {
    const at = folder()
    const path = join(at, 'restart_history.log')
    const old = textOf({ service: 'old' })
    writeFileSync(`${path}.1`, textOf({ service: 'oldest' }))
    writeFileSync(path, old.repeat(Math.ceil((5 * 1024 * 1024) / old.length)))
    appendLedger(save, at, line({ service: 'new' }))
    appendLedger(save, at, line({ service: 'newer' }))
    expect(readFileSync(path, 'utf8')).toBe(textOf({ service: 'new' }, { service: 'newer' }))
    expect(statSync(`${path}.1`).size).toBeGreaterThanOrEqual(5 * 1024 * 1024)
    const services = parseLedger(readLedger(save, at)).map(({ service }) => service)
    expect(services.at(-1)).toBe('newer')
    expect(services[0]).toBe('old')
  })

  it('one that grew beyond all bounds is moved aside', () => {
    const at = folder()
    const path = join(at, 'restart_history.log')
    writeFileSync(path, 'x'.repeat(9 * 1024 * 1024))
    expect(appendLedger(save, at, line())).toEqual({ kind: 'value', value: true })
    expect(readFileSync(path, 'utf8')).toBe(textOf({}))
  })
})
