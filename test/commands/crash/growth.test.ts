import { describe, expect, it } from 'vitest'
import type { RunContext } from '../../../src/commands/command.ts'
import { growthBefore } from '../../../src/commands/crash/growth.ts'
import type { CrashEvent } from '../../../src/core/crash-event.ts'
import { makeSave } from '../../../src/host/save.ts'
import { historyFolder, historyPath, writeHistory } from '../../../src/store/history-file.ts'
import { recordSample } from '../../../src/store/history-record.ts'
import { liveBase } from '../../support/bases.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const stateDir = tempFolder('crash-growth')
const mib = 1024 ** 2
const startMs = new Date(2026, 10, 26, 3, 0, 0).getTime()
const nowMs = startMs + 120 * 60_000
const save = makeSave(liveBase, () => nowMs)

/** An hour of samples, one a minute: `bytes` of the minute. */
const record = (name: string, bytes: (minute: number) => number, minutes = 60): void => {
  save.ensureFolder(historyFolder(stateDir))
  const written = writeHistory(save, process.getuid?.() ?? 0, historyPath(stateDir, name), name, (file) => {
    for (let minute = 0; minute < minutes; minute++)
      recordSample(file, {
        atMs: startMs + minute * 60_000,
        leakBytes: bytes(minute) * mib,
        ...{ usedBytes: null, limitBytes: null, swapBytes: null, cpuSeconds: null },
        ...{ processes: 1, openFiles: null, threads: null, identity: 7 },
      })
  })
  if (written.kind !== 'value') throw new Error(JSON.stringify(written))
}

const context = (services: Record<string, object>): RunContext =>
  ({
    host: { save, now: () => nowMs },
    loaded: { config: { services } },
    global: { stateDir },
  }) as unknown as RunContext

const killed = (atMs: number): CrashEvent => ({ kind: 'oom-kill', atMs }) as CrashEvent

describe('who grew before the kill', () => {
  it('is called as the suspect is; what was stable, or has no history, is not named', () => {
    record('trading', (minute) => 100 + 5 * minute)
    record('web', (minute) => 100 + (minute % 2))
    record('wallet', (minute) => 300 + 10 * minute)
    const found = growthBefore(
      context({
        trading: { target: { type: 'unit', ref: 'trading' } },
        web: { target: { type: 'container', ref: 'web' } },
        wallet: { target: { type: 'container', ref: 'c0ffee' } },
        none: { target: { type: 'unit', ref: 'none' } },
      }),
      [killed(startMs + 60 * 60_000)],
      new Map([['c0ffee'.padEnd(64, '0'), 'electron']]),
    )
    expect(found.map(({ name }) => name)).toEqual(['trading.service', 'electron'])
    expect((found[0]?.bytesPerMinute ?? 0) / mib).toBeCloseTo(5, 1)
    expect(found[0]?.seconds).toBeGreaterThan(1800)
  })

  it('by what was recorded until then: what came after the kill is not blamed for it', () => {
    record('late', (minute) => (minute < 60 ? 100 + (minute % 2) : 100 + 5 * (minute - 60)), 120)
    const services = { late: { target: { type: 'unit', ref: 'late.service' } } }
    expect(growthBefore(context(services), [killed(startMs + 59 * 60_000)], new Map())).toEqual([])
    expect(growthBefore(context(services), [], new Map())).toMatchObject([{ name: 'late.service' }])
    // Of two kills the first was before it grew, or before anything was recorded.
    const two = [killed(startMs - 60_000), killed(startMs + 59 * 60_000), killed(startMs + 110 * 60_000)]
    expect(growthBefore(context(services), two, new Map())).toMatchObject([{ name: 'late.service' }])
  })
})
