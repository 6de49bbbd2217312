import { describe, expect, it } from 'vitest'
import type { RunContext } from '../../../src/commands/command.ts'
import { growthBefore } from '../../../src/commands/crash/growth.ts'
import { namedServices } from '../../../src/commands/crash/suspect-name.ts'
import type { CrashEvent } from '../../../src/core/crash-event.ts'
import type { ContainerFacts } from '../../../src/core/facts.ts'
import type { ServiceTarget } from '../../../src/core/service.ts'
import { makeSave } from '../../../src/host/save.ts'
import { historyFolder, historyPath, writeHistory } from '../../../src/store/history-file.ts'
import { recordSample } from '../../../src/store/history-record.ts'
import { liveBase } from '../../support/bases.ts'
import { container } from '../../support/captured-host.ts'
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

const context = { host: { save, now: () => nowMs }, global: { stateDir } } as unknown as RunContext

const named = (
  services: Record<string, { target: ServiceTarget }>,
  containerNames = new Map<string, string>(),
  containers: ContainerFacts[] = [],
) => namedServices(services, { containers, containerNames })

const killed = (atMs: number): CrashEvent => ({ kind: 'oom-kill', atMs }) as CrashEvent

describe('who grew before the kill', () => {
  it('is called as the suspect is; what was stable, or has no history, is not named', () => {
    record('trading', (minute) => 100 + 5 * minute)
    record('web', (minute) => 100 + (minute % 2))
    record('wallet', (minute) => 300 + 10 * minute)
    const found = growthBefore(
      context,
      [killed(startMs + 60 * 60_000)],
      named(
        {
          trading: { target: { type: 'unit', ref: 'trading' } },
          web: { target: { type: 'container', ref: 'web' } },
          wallet: { target: { type: 'container', ref: 'c0ffee' } },
          none: { target: { type: 'unit', ref: 'none' } },
        },
        new Map([['c0ffee'.padEnd(64, '0'), 'electron']]),
      ),
    )
    expect(found.map(({ name }) => name)).toEqual(['trading.service', 'electron'])
    expect(found.map(({ service }) => service)).toEqual(['trading', 'wallet'])
    expect((found[0]?.bytesPerMinute ?? 0) / mib).toBeCloseTo(5, 1)
    expect(found[0]?.seconds).toBeGreaterThan(1800)
  })

  it('by what was recorded until then: what came after the kill is not blamed for it', () => {
    record('late', (minute) => (minute < 60 ? 100 + (minute % 2) : 100 + 5 * (minute - 60)), 120)
    const services = named({ late: { target: { type: 'unit', ref: 'late.service' } } })
    expect(growthBefore(context, [killed(startMs + 59 * 60_000)], services)).toEqual([])
    expect(growthBefore(context, [], services)).toMatchObject([{ name: 'late.service' }])
    // Of two kills the first was before it grew, or before anything was recorded.
    const two = [killed(startMs - 60_000), killed(startMs + 59 * 60_000), killed(startMs + 110 * 60_000)]
    expect(growthBefore(context, two, services)).toMatchObject([{ name: 'late.service' }])
  })
})

describe('what a service of the config is called as a suspect', () => {
  const other = container({ id: 'beef12'.padEnd(64, '0'), name: 'other' })
  const replica = (number: number) =>
    container({
      ...{ id: `${number}`.padEnd(64, 'f'), name: `shop-web-${number}` },
      ...{ composeProject: 'shop', composeService: 'web' },
      labels: { 'com.docker.compose.container-number': `${number}` },
    })
  const nameOf = (ref: string, containers: ContainerFacts[], gone: [string, string][] = []) =>
    named({ app: { target: { type: 'container', ref } } }, new Map(gone), containers).map(
      ({ service, name }) => `${service} ${name}`,
    )

  it.each([
    ['the container of that name, though the id of another begins so', 'beef12', 'beef12'],
    ['the one whose id begins so', 'beef1', 'beef1'],
  ])('is %s', (_, ref, name) => {
    expect(nameOf(ref, [other, container({ id: 'a'.repeat(64), name: ref })])).toEqual([`app ${name}`])
  })

  it('is by an id of at least 6 digits, and of one container', () => {
    expect(nameOf('beef12', [other])).toEqual(['app other'])
    expect(nameOf('bee', [other])).toEqual(['app bee'])
    const twin = container({ id: 'beef12'.padEnd(64, '1'), name: 'twin' })
    expect(nameOf('beef12', [other, twin])).toEqual(['app beef12'])
  })

  it('is that of a container that is gone, by what the engine told of it', () => {
    const gone: [string, string][] = [['cafe12'.padEnd(64, '0'), 'old']]
    expect(nameOf('cafe12', [other], gone)).toEqual(['app old'])
    expect(nameOf('caf', [other], gone)).toEqual(['app caf'])
    expect(nameOf('old', [other], gone)).toEqual(['app old'])
    // Gone as well, and called as the id of the other begins.
    expect(nameOf('cafe12', [], [...gone, ['d'.repeat(64), 'cafe12']])).toEqual(['app cafe12'])
  })

  it('is that of compose’s service, each of several as check has it', () => {
    expect(nameOf('shop/web', [replica(1)])).toEqual(['app shop-web-1'])
    expect(nameOf('shop/web', [replica(2), replica(1)])).toEqual(['app/1 shop-web-1', 'app/2 shop-web-2'])
    expect(nameOf('shop/api', [replica(1)])).toEqual(['app shop/api'])
  })
})
