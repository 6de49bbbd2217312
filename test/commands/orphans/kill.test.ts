import { describe, expect, it } from 'vitest'
import { command } from '../../../src/commands/kill-orphans.ts'
import type { OrphanRule } from '../../../src/config/sections/orphans.ts'
import type { Action, ActionResult, ProcessEnd } from '../../../src/core/action.ts'
import { absent, value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import { capturedHost, cgroupFiles, container, manyProcesses } from '../../support/captured-host.ts'
import { contextOf } from '../temp-host.ts'

// What is told of an action whose outcome no real host brings about at will.
const id = 'a'.repeat(64)
const path = `/system.slice/docker-${id}.scope`
const longArgs = ['daemon', '--wallet', '/data/wallets/of/somebody', '--verbose', 'x'.repeat(60)]
const processes = [
  { pid: 1, ppid: 0, comm: 'systemd' },
  { pid: 1000, comm: 'tini' },
  { pid: 1001, ppid: 1000, comm: 'wallet', startTicks: 200 },
  { pid: 1002, ppid: 1000, comm: 'wallet', startTicks: 900, args: ['wallet', ...longArgs, '--rpcport 7771'] },
  { pid: 1003, ppid: 1002, session: 1002, comm: 'wallet', state: 'Z', args: [] },
]

/** @param pids who is listed in the container; one that is not there is gone whenever it is read */
const told = async (
  apply: (action: Action) => ActionResult,
  {
    pids = [1000, 1001, 1002],
    others = [],
    isDry = false,
    maySignal = () => true,
  }: {
    pids?: number[]
    others?: Partial<OrphanRule>[]
    isDry?: boolean
    maySignal?: Host['processes']['maySignal']
  } = {},
) => {
  const files = {
    ...manyProcesses(...processes),
    ...cgroupFiles({ path, pids }),
  }
  const containers = value([container({ id, name: 'wallet', pid: 1000 })])
  const base = capturedHost({ files, containers })
  const host: Host = {
    ...base,
    live: true,
    processes: Object.assign(base.processes, { maySignal }),
    out: { stdoutIsTerminal: true } as typeof base.out,
    again: (): Host => host,
    apply: async (action: Action) => apply(action),
    save: { info: absent, readText: absent, replace: () => value(null) } as unknown as typeof base.save,
  }
  const rule = {
    ...{ name: 'test', match: '^wallet', exe: null, user: null, container: 'wallet', unit: null, keep: 0 },
    ...{ keep_by: 'newest', older_than: null, max_memory: null, warn: 1, crit: null },
  }
  const orphans = [rule, ...others.map((other) => ({ ...rule, ...other }))]
  const loaded = { config: { orphans, services: {} } } as never
  const context = contextOf(host, { dryRun: isDry })
  const { status, document, text, problems } = await command.run({ ...context, loaded })
  return {
    status,
    problems,
    document: document?.body,
    text: text({ columns: 200, color: false, verbose: false }),
  }
}

describe('what kill-orphans tells', () => {
  it('that a cgroup is still frozen, beside who is left', async () => {
    const end = (pid: number): ProcessEnd => ({ pid, startTicks: 900, words: 'wallet', end: 'survived' })
    const { status, document, text } = await told(() => ({
      outcome: 'failed',
      detail: 'still frozen: /sys/fs/cgroup/a; 1 process still there after SIGKILL',
      ends: [end(1002)],
      unsure: 'still frozen: /sys/fs/cgroup/a',
    }))
    expect(status).toBe('unknown')
    expect(document).toMatchObject({
      survivors: [{ pid: 1002 }],
      notDone: [{ rule: 'test', reason: 'still frozen: /sys/fs/cgroup/a' }],
    })
    expect(text).toMatch(/^test: 3 match; ended 0, spared 2, STILL THERE 1; still frozen: /)
  })

  it('of a command line two hundred characters, in which its port is', async () => {
    const command = expect.stringMatching(/ --rpcport 7771$/)
    let words: unknown = null
    const { document } = await told((action) => {
      words = action.kind === 'end-processes' && action.processes[0]?.words
      return { outcome: 'dry-run', detail: 'would' }
    })
    expect(document).toMatchObject({ wouldKill: [{ pid: 1002, command }] })
    expect(words).toEqual(command)
  })

  it('of whom two rules are about, under --dry-run, once: by the first', async () => {
    const { document } = await told(() => ({ outcome: 'dry-run', detail: 'would' }), {
      others: [{ name: 'again' }, { name: 'keeps', keep: 2 }],
      isDry: true,
    })
    expect(document).toMatchObject({
      // Three by the first, with the zombie; by the others the tracked one alone.
      matched: 5,
      wouldKill: [{ pid: 1002 }],
      spared: [{ pid: 1001 }, { pid: 1003 }, { pid: 1001 }, { pid: 1001 }],
    })
  })

  it('whom this user may not signal, under --dry-run too', async () => {
    const { status, document, text } = await told(() => ({ outcome: 'dry-run', detail: 'would' }), {
      isDry: true,
      maySignal: (pid) => pid !== 1002,
    })
    expect(status).toBe('warning')
    expect(document).toMatchObject({
      wouldKill: [],
      survivors: [{ pid: 1002, reason: 'may not be signalled' }],
    })
    expect(text).toMatch(/1002 +STAYS .* may not be signalled/)
  })

  it('of many that are left twenty by name', async () => {
    const ends = Array.from(
      { length: 100 },
      (_, i): ProcessEnd => ({
        ...{ pid: 2000 + i, startTicks: 900, words: 'wallet', end: 'survived' },
      }),
    )
    const { problems, document } = await told(() => ({ outcome: 'failed', detail: 'many', ends }))
    expect(document?.survivors).toHaveLength(100 + 1)
    expect(problems).toHaveLength(21)
    expect(problems.at(-1)).toBe('WARN and 81 more; --json names all')
  })

  it('a zombie that an orphan has not reaped, whose session is all the orphan’s for it', async () => {
    const actions: Action[] = []
    const { document } = await told((action) => {
      actions.push(action)
      return { outcome: 'failed', detail: 'not here' }
    })
    expect(document).toMatchObject({
      spared: [{ pid: 1001 }, { pid: 1003, reason: expect.stringMatching(/^a zombie, .* process 1002/) }],
    })
    expect(actions[0]).toMatchObject({ processes: [{ pid: 1002 }], newcomers: { sessions: [1002] } })
  })

  it('that one is still frozen after a look, and nothing of the look', async () => {
    const kinds: string[] = []
    const { status, document } = await told(
      (action) => {
        kinds.push(action.kind)
        if (action.kind === 'look-frozen') action.look()
        return { outcome: 'failed', detail: 'still frozen: /sys/fs/cgroup/a' }
      },
      { pids: [1000, 1001, 4000] },
    )
    expect(kinds).toEqual(['look-frozen'])
    expect(status).toBe('unknown')
    expect(document).toMatchObject({ notDone: [{ rule: 'test', reason: 'still frozen: /sys/fs/cgroup/a' }] })
  })
})
