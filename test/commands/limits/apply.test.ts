import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { applyLimits } from '../../../src/commands/limits/apply.ts'
import { limitStatus } from '../../../src/commands/limits/status.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Action } from '../../../src/core/action.ts'
import type { ContainerFacts } from '../../../src/core/facts.ts'
import { failed, type Reading, value } from '../../../src/core/reading.ts'
import { makeFiles } from '../../../src/host/files.ts'
import type { Host } from '../../../src/host/host.ts'
import { limitsTable } from '../../../src/report/limits-text.ts'
import { liveBase } from '../../support/bases.ts'
import { capturedHost, cgroupFiles, container, manyProcesses, unit } from '../../support/captured-host.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { contextOf } from '../temp-host.ts'

const top = tempFolder('limits-apply')
const mib = 1024 ** 2
const path = '/system.slice/app.service'
const process = { pid: 70, startTicks: 2000, cgroup: path, anonKb: 3, args: ['app'] }
const id = 'c0ffee'.padEnd(64, '0')

interface Scene {
  /** Of the unit's cgroup: null: the kernel counts no memory there. */
  max: number | 'max' | null
  containers?: Reading<ContainerFacts[]>
  config?: string
}

/** A host where the engine and systemd say yes to whatever is set. */
const sceneOf = async ({ max, containers, config }: Scene) => {
  const captured = capturedHost({
    // What systemd was told, whatever the kernel has.
    units: value([
      unit({ names: ['app.service'], mainPid: 70, controlGroup: path, memoryMaxBytes: 512 * mib }),
    ]),
    ...(containers === undefined ? {} : { containers }),
    files: {
      ...manyProcesses(process),
      ...(max === null ? {} : cgroupFiles({ path, pids: [70], currentBytes: mib, anonBytes: mib, max })),
    },
  })
  const actions: Action[] = []
  const host: Host = {
    ...captured,
    live: true,
    save: {
      readText: (): Reading<string> => failed('io', 'applied', 'none yet'),
      ensureFolder: () => value(true),
      replace: () => value(true),
    } as unknown as Host['save'],
    apply: async (action) => {
      actions.push(action)
      return { outcome: 'done', detail: '' }
    },
  }
  const file = join(top, 'config.yaml')
  writeFileSync(file, config ?? 'services: { app: { unit: app, limit: { memory: 600M } } }\n', {
    mode: 0o600,
  })
  const loaded = await loadConfig({ ...host, root: '/', files: makeFiles(liveBase) }, file)
  return { context: { ...contextOf(host), loaded }, actions }
}

const apply = async (scene: Scene) => {
  const { context, actions } = await sceneOf(scene)
  const { status, problems, text } = await applyLimits(context)
  return { status, problems, actions, text: text({ columns: 80, color: false, verbose: false }) }
}

describe('a limit that was set', () => {
  it('is done where the kernel has it, or one that is tighter', async () => {
    expect(await apply({ max: 600 * mib })).toMatchObject({ status: 'ok', problems: [], actions: [{}] })
    expect(await apply({ max: 400 * mib })).toMatchObject({ status: 'ok' })
  })

  it('is not done where systemd alone has it', async () => {
    const { status, problems } = await apply({ max: 'max' })
    expect(status).toBe('critical')
    expect(problems.join()).toBe('app: FAILED: it is set, and the cgroup has no limit')
  })

  it('is no more done in a later run, which finds it set', async () => {
    const config = 'services: { app: { unit: app, limit: { memory: 512M } } }\n'
    const { status, problems, actions } = await apply({ max: 'max', config })
    expect(actions).toEqual([])
    expect(status).toBe('critical')
    expect(problems.join()).toBe('app: FAILED: it is set, and the cgroup has no limit')
    expect(await apply({ max: 512 * mib, config })).toMatchObject({ status: 'ok', actions: [] })
  })

  it('is not done where the kernel counts no memory by cgroup', async () => {
    const { status, problems, text } = await apply({ max: null })
    expect(status).toBe('critical')
    expect(problems.join()).toContain('does nothing: this kernel counts no memory by cgroup')
    // It stays set for the kernel that will.
    expect(text).toContain('MemoryMax=600M')
  })
})

describe('a container that could not be inspected', () => {
  const notInspected = failed('timeout', 'container web', 'no answer within 5s')
  const listed = container({ id, pid: null, notInspected })
  const config = 'services: { web: { container: web, limit: { memory: 600M } } }\n'
  const scene: Scene = { max: null, containers: value([listed]), config }

  it('is given no limit: nobody knows what the kernel would kill', async () => {
    const { status, problems, actions } = await apply(scene)
    expect(actions).toEqual([])
    expect(status).toBe('critical')
    expect(problems.join()).toMatch(/^web: FAILED: what it uses now could not be measured/)
  })

  it('is not said to have none', async () => {
    const { context } = await sceneOf(scene)
    const { status, problems, text } = await limitStatus(context)
    expect(status).toBe('unknown')
    expect(problems).toEqual(['UNKNOWN web limit: container web: no answer within 5s'])
    const line = text({ columns: 100, color: false, verbose: false }).split('\n')[1]
    expect(line).toMatch(/^web +\? +\? /)
  })

  it('has the limit that its engine told of, when it runs elsewhere', async () => {
    const told = { ...listed, memoryLimitBytes: 700 * mib }
    const { context } = await sceneOf({ ...scene, containers: value([told]) })
    const { status, text } = await limitStatus(context)
    expect(status).toBe('ok')
    expect(text({ columns: 100, color: false, verbose: false })).toMatch(/web +700\.0 MiB/)
  })
})

it('a table says none of what has none', () => {
  const row = { service: 'a', via: 'unit', source: null, limitBytes: null, reservationBytes: null }
  const table = (isKnown: boolean): string =>
    limitsTable([{ ...row, wantedBytes: null, usedBytes: 5, isKnown }], {
      columns: 80,
      color: false,
      verbose: false,
    })
  expect(table(true)).toContain('none')
  expect(table(false)).not.toContain('none')
})
