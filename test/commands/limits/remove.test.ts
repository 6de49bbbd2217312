import { describe, expect, it } from 'vitest'
import { removeLimits } from '../../../src/commands/limits/remove.ts'
import type { Action } from '../../../src/core/action.ts'
import { type Reading, value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import { sealJson } from '../../../src/store/sealed-json.ts'
import { capturedHost, cgroupFiles, container, manyProcesses, unit } from '../../support/captured-host.ts'
import { contextOf } from '../temp-host.ts'

const mib = 1024 ** 2
const id = 'c0ffee'.padEnd(64, '0')
const ofUnit = { via: 'unit', ref: 'app.service', path: '/system.slice/app.service' }
const ofContainer = { via: 'container', ref: id, path: `/system.slice/docker-${id}.scope` }

/** What `apply` has given more room than the 450 MiB it had, and that uses so much now. */
const remove = async (
  usedMib: number | null,
  {
    before = 450 * mib,
    of = ofUnit,
    ...options
  }: { before?: number | null; of?: typeof ofUnit; force?: true } = {},
) => {
  const { path, via, ref } = of
  const captured = capturedHost({
    units: value([unit({ mainPid: 70, controlGroup: path })]),
    containers: value([container({ id, pid: 70 })]),
    files: {
      ...manyProcesses({ pid: 70, startTicks: 2000, cgroup: path, anonKb: 3, args: ['trading'] }),
      ...cgroupFiles({
        path,
        pids: [70],
        currentBytes: (usedMib ?? 0) * mib,
        anonBytes: mib,
        max: 900 * mib,
      }),
      ...(usedMib === null ? { [`/sys/fs/cgroup${path}/memory.current`]: 'torn' } : {}),
    },
  })
  const applied = { service: 'app', via, ref, before: { memoryBytes: before } }
  const actions: Action[] = []
  const host: Host = {
    ...captured,
    live: true,
    save: {
      readText: (): Reading<string> =>
        value(sealJson({ version: 1, applied: [{ ...applied, runtime: false }] })),
      ensureFolder: () => value(true),
      replace: () => value(true),
    } as unknown as Host['save'],
    apply: async (action) => {
      actions.push(action)
      return { outcome: 'done', detail: '' }
    },
  }
  const { status, problems } = await removeLimits({ ...contextOf(host), options })
  return { status, problems, actions }
}

describe('a limit that is taken back', () => {
  const putBack = { kind: 'limit-unit', unit: 'app.service', memoryBytes: 450 * mib }

  it('is put back as it was', async () => {
    expect(await remove(449)).toMatchObject({ status: 'ok', actions: [putBack] })
  })

  it('stays where the service has outgrown what was, which would have it killed', async () => {
    const { status, problems, actions } = await remove(500)
    expect(actions).toEqual([])
    expect(status).toBe('critical')
    expect(problems.join()).toMatch(
      /^app: FAILED: it uses 500\.0 MiB, more than 450\.0 MiB: the kernel would kill .* \(70, .*--force/,
    )
    expect(await remove(500, { force: true })).toMatchObject({ status: 'ok', actions: [putBack] })
  })

  it('of a container too, by its id', async () => {
    expect(await remove(500, { of: ofContainer })).toMatchObject({ status: 'critical', actions: [] })
    expect(await remove(449, { of: ofContainer })).toMatchObject({
      actions: [{ kind: 'limit-container', id, memoryBytes: 450 * mib }],
    })
  })

  it('stays where nobody knows what it uses, unless there was none', async () => {
    expect(await remove(null)).toMatchObject({ status: 'critical', actions: [] })
    expect(await remove(null, { before: null })).toMatchObject({
      status: 'ok',
      actions: [{ memoryBytes: null }],
    })
  })
})
