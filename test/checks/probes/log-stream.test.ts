import { beforeEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/core/finding.ts'
import { absent, failed, type Reading, value } from '../../../src/core/reading.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'
import type { CommandRecord, Host } from '../../../src/host/host.ts'
import { messageOf } from '../../../src/report/sentence.ts'
import { askOne, logProbe, realHost } from './real-host.ts'

const id = 'c0ffee'.padEnd(64, '0')
const minute = 60_000
let nowMs = 0
let remembered: unknown = null

beforeEach(() => {
  nowMs = 1_800_000_000_000
  remembered = null
})

const run = async (over: Partial<Host>, facts: Partial<ServiceFacts>): Promise<Finding> => {
  nowMs += minute
  const host = realHost({ now: () => nowMs, ...over })
  const { finding, remember } = await askOne(logProbe('ERROR', { crit: 100 }), { host, facts, remembered })
  remembered = JSON.parse(JSON.stringify(remember))
  return finding
}
const said = ({ code, value: count, args }: Finding) => ({ code, value: count, atLeast: args?.atLeast })
const exactly = (count: number) => ({ code: 'log-count', value: count, atLeast: 0 })
const atLeast = (count: number) => ({ code: 'log-count', value: count, atLeast: 1 })

interface Line {
  atMs: number
  text: string
}

describe('the log of a container', () => {
  const facts: Partial<ServiceFacts> = { identity: `${id}:1` }
  /** Answers as the engine does: whole seconds, what is of the second itself too. */
  const engineOf = (lines: Line[], truncated = false, asked: [string, number][] = []): Partial<Host> => {
    const host = realHost()
    const logs: Host['engine']['logs'] = async (of, sinceSeconds) => {
      asked.push([of, sinceSeconds])
      const from = Math.floor(sinceSeconds) * 1000
      const told = lines.filter(({ atMs }) => atMs >= from)
      const text = told.map(
        ({ atMs, text }) => `${new Date(atMs).toISOString().replace('Z', '000000Z')} ${text}\n`,
      )
      return value({ text: text.join(''), truncated })
    }
    return { engine: { ...host.engine, logs } }
  }

  it('is counted by its own stamps, each line once', async () => {
    const lines = [90, 30, 1].map((ago) => ({ atMs: nowMs - ago * minute, text: 'an ERROR' }))
    const asked: [string, number][] = []
    const host = engineOf(lines, false, asked)
    expect(said(await run(host, facts))).toEqual(exactly(2))
    expect(asked).toEqual([[id, nowMs / 1000 - 3600]])
    expect(said(await run(host, facts))).toEqual(exactly(2))
    expect(asked[1]?.[1]).toBe((lines[2]?.atMs ?? 0) / 1000)
    // Of one stamp with the last one, and of the same second.
    lines.push({ ...(lines[2] as Line) }, { atMs: (lines[2]?.atMs ?? 0) + 5, text: 'ERROR' })
    expect(said(await run(host, facts))).toEqual(exactly(4))
    expect(said(await run(host, facts))).toEqual(exactly(4))
    nowMs += 62 * minute
    expect(said(await run(host, facts))).toEqual(exactly(0))
  })

  it('knows which lines are of the lives before, in whatever minute the present one began', async () => {
    const lines: Line[] = []
    const earlier = async (identity: string, bornAtMs: number): Promise<[number | null, unknown]> => {
      // `run` goes on by a minute.
      const uptimeSeconds = value((nowMs + minute - bornAtMs) / 1000)
      const { value: count, args } = await run(engineOf(lines), {
        identity: `${id}:${identity}`,
        uptimeSeconds,
      })
      return [count, args?.earlier]
    }
    const first = nowMs - 20 * minute
    lines.push({ atMs: first - 1, text: 'ERROR' }, { atMs: first, text: 'ERROR' })
    expect(await earlier('1', first)).toEqual([2, 1])
    // The same life: its uptime is rounded differently each time.
    expect(await earlier('1', first + 700)).toEqual([2, 1])
    const second = nowMs + 20_000
    lines.push(...[-2, -1, 0, 1].map((seconds) => ({ atMs: second + seconds * 1000, text: 'ERROR' })))
    expect(await earlier('2', second)).toEqual([6, 4])
    lines.push({ atMs: nowMs + 1000, text: 'ERROR' })
    expect(await earlier('2', second)).toEqual([7, 4])
    nowMs += 90 * minute
    expect(await earlier('2', second)).toEqual([0, 0])
  })

  it('takes what a version before has counted for lines of before', async () => {
    const lines = [{ atMs: nowMs, text: 'ERROR' }]
    await run(engineOf(lines), facts)
    const { logs } = remembered as { logs: [string, Record<string, unknown>][] }
    for (const [, memory] of logs) delete memory.life
    const { value: count, args } = await run(engineOf(lines), { ...facts, uptimeSeconds: value(30) })
    expect([count, args?.earlier]).toEqual([1, 1])
  })

  it('that is too long says so, and is not read again', async () => {
    const lines = [{ atMs: nowMs, text: 'ERROR' }]
    expect(said(await run(engineOf(lines, true), facts))).toEqual(atLeast(1))
    const asked: [string, number][] = []
    expect(said(await run(engineOf(lines, false, asked), facts))).toEqual(atLeast(1))
    expect(asked[0]?.[1]).toBe((nowMs - minute) / 1000)
  })

  it('goes back with the clock', async () => {
    const lines = [{ atMs: nowMs, text: 'ERROR' }]
    expect(said(await run(engineOf(lines), facts))).toEqual(exactly(1))
    nowMs -= 86_400_000
    lines.push({ atMs: nowMs + minute, text: 'ERROR' })
    // The line of the future waits until it is one of the past.
    expect(said(await run(engineOf(lines), facts))).toEqual(atLeast(2))
    nowMs += 62 * minute
    expect(said(await run(engineOf(lines), facts))).toEqual(exactly(0))
  })

  it.each<[string, Reading<never>]>([
    ['there is no engine', absent('container engine')],
    ['the engine hangs', failed('timeout', 'unix:///run/docker.sock', 'no whole answer within 5000 ms')],
    ['its driver keeps none', failed('io', 'unix:///run/docker.sock', 'answered 501: cannot be read')],
  ])('is unknown when %s, and what was counted is kept', async (_, reading) => {
    const lines = [{ atMs: nowMs, text: 'ERROR' }]
    await run(engineOf(lines), facts)
    const { engine } = realHost()
    expect(await run({ engine: { ...engine, logs: async () => reading } }, facts)).toMatchObject({
      code: 'unreadable',
      status: 'unknown',
    })
    expect(said(await run(engineOf(lines), facts))).toEqual(exactly(1))
  })

  it('of a container without a known id is unknown', async () => {
    expect((await run({}, { identity: null })).code).toBe('unreadable')
  })
})

describe('the journal of a unit', () => {
  const facts: Partial<ServiceFacts> = {
    kind: 'unit',
    target: { type: 'unit', ref: 'app.service' },
    identity: 'x',
  }
  const record = (part: Partial<CommandRecord>): Reading<CommandRecord> =>
    value({ exitCode: 0, signal: null, stdout: '', stderr: '', truncated: false, ...part })
  const journalOf = (
    lines: Line[],
    part: Partial<CommandRecord> = {},
    asked: (readonly string[])[] = [],
  ): Partial<Host> => ({
    run: async (argv) => {
      asked.push(argv)
      const from = Number(/@(\d+)/.exec(argv.join(' '))?.[1]) * 1000
      const told = lines.filter(({ atMs }) => atMs >= from).reverse()
      return record({
        stdout: told.map(({ atMs, text }) => `${(atMs / 1000).toFixed(6)} box app[7]: ${text}\n`).join(''),
        ...part,
      })
    },
  })

  it('is counted by its own stamps, each line once', async () => {
    const lines = [90, 30, 1].map((ago) => ({ atMs: nowMs - ago * minute, text: 'an ERROR' }))
    const asked: (readonly string[])[] = []
    expect(said(await run(journalOf(lines, {}, asked), facts))).toEqual(exactly(2))
    expect(asked[0]).toContain('--unit=app.service')
    expect(asked[0]).toContain(`--since=@${nowMs / 1000 - 3600}`)
    lines.push({ ...(lines[2] as Line) }, { atMs: nowMs, text: 'fine\n                ERROR below' })
    expect(said(await run(journalOf(lines), facts))).toEqual(exactly(4))
    expect(said(await run(journalOf(lines), facts))).toEqual(exactly(4))
    lines.push({ atMs: lines.at(-1)?.atMs ?? 0, text: 'fine, and of the same stamp' })
    expect(said(await run(journalOf(lines), facts))).toEqual(exactly(4))
  })

  it('without entries is none', async () => {
    expect(said(await run(journalOf([], { stdout: '-- No entries --\n' }), facts))).toEqual(exactly(0))
  })

  it('that was cut says so', async () => {
    expect(said(await run(journalOf([{ atMs: nowMs, text: 'ERROR' }], { truncated: true }), facts))).toEqual(
      atLeast(1),
    )
  })

  it.each<[string, Reading<CommandRecord>, RegExp]>([
    [
      'there is no journalctl',
      failed('tool-missing', 'journalctl', 'is not installed'),
      /journalctl is not installed/,
    ],
    ['it hangs', failed('timeout', 'journalctl', 'did not end'), /journalctl did not answer in time/],
    [
      'this user may not see it',
      record({
        stdout: '-- No entries --',
        stderr: 'Hint: You are currently not seeing messages from other users and the system.\n',
      }),
      /permission denied on journal of app.service/,
    ],
    [
      'there is no journal',
      record({ stdout: '-- No entries --', stderr: 'No journal files were found.\n' }),
      /No journal files were found/,
    ],
    ['it fails', record({ exitCode: 1, stderr: 'x\nFailed to open\n' }), /Failed to open/],
  ])('is unknown when %s', async (_, answer, words) => {
    const finding = await run({ run: async () => answer }, facts)
    expect(finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
    expect(messageOf(finding, 'service')).toMatch(words)
  })
})
