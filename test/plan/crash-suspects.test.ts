import { describe, expect, it } from 'vitest'
import { type CrashEvent, crashEvent, type OomTask } from '../../src/core/crash-event.ts'
import { findSuspects } from '../../src/plan/crash-suspects.ts'

const gib = 1024 ** 3
const nobody = { restarts: [], growth: [], containerNames: new Map<string, string>() }
const task = (comm: string, gibibytes: number, pid = 1): OomTask => ({
  pid,
  comm,
  rssBytes: gibibytes * gib,
  swapBytes: 0,
  oomScoreAdj: 0,
})

const kill = (comm: string, tasks: OomTask[], more: Partial<CrashEvent> = {}): CrashEvent =>
  crashEvent('oom-kill', 'journal', 1000, 'line', {
    comm,
    pid: 1,
    bytes: (tasks.find((one) => one.comm === comm)?.rssBytes ?? 0) || null,
    oom: {
      scope: 'global',
      anonRssBytes: null,
      totalVmBytes: null,
      cgroup: null,
      limitBytes: null,
      invokedBy: null,
      tasks,
    },
    ...more,
  })

describe('findSuspects', () => {
  it('names the one that held the memory before the one that was killed for it', () => {
    const [first, second] = findSuspects([kill('sshd', [task('leaker', 7), task('sshd', 0.1)])], nobody)
    expect(first).toMatchObject({ name: 'leaker', kind: 'program' })
    expect(second).toMatchObject({
      name: 'sshd',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'victim-only', holder: 'leaker' })]),
    })
  })

  it('adds up two hundred processes of one name (incident E)', () => {
    const swarm = Array.from({ length: 20 }, (_, i) => task('python3', 0.3, i))
    const [first] = findSuspects([kill('dockerd', [task('dockerd', 1), ...swarm])], nobody)
    expect(first).toMatchObject({ name: 'python3', reasons: [{ code: 'held', processes: 20 }] })
  })

  it('calls containers by their names and units by theirs; a session is no culprit', () => {
    const id = 'c0ffee'.padEnd(64, '0')
    const suspects = findSuspects(
      [
        kill('node', [task('node', 1)], { container: id }),
        kill('node', [task('node', 1)], { container: id }),
        kill('app', [task('app', 1)], { unit: 'app.service' }),
        kill('vim', [task('vim', 1)], { unit: 'session-3.scope' }),
      ],
      { ...nobody, containerNames: new Map([[id, 'indexer']]) },
    )
    expect(suspects.map(({ name, kind }) => [name, kind])).toEqual([
      ['indexer', 'container'],
      ['app.service', 'unit'],
      ['vim', 'program'],
    ])
  })

  it('a unit that only restarts is suspect, too; one that did so once is not', () => {
    const restarts = [
      { name: 'bot.service', kind: 'unit' as const, count: 37 },
      { name: 'ok.service', kind: 'unit' as const, count: 1 },
    ]
    expect(findSuspects([], { ...nobody, restarts })).toMatchObject([
      { name: 'bot.service', reasons: [{ code: 'restarts', count: 37 }] },
    ])
  })

  it('growth before the kill is told, and weighs', () => {
    const growth = [
      {
        ...{ name: 'b.service', service: 'b', bytesPerMinute: 1e8, seconds: 1500 },
        ...{ programs: [], pids: [], culprit: null },
      },
    ]
    const events = ['a', 'b'].map((name) => kill(name, [], { unit: `${name}.service` }))
    expect(findSuspects(events, { ...nobody, growth })[0]).toMatchObject({
      name: 'b.service',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'grew' })]),
    })
  })

  it('what is known by its processes alone has grown under the name that the kernel kills', () => {
    const culprit = 'python3 capture_monitor.py (412), +2.0 GiB of anonymous memory'
    const grown = {
      ...{ name: 'capture', service: 'capture', bytesPerMinute: 1e8, seconds: 1500 },
      ...{ programs: ['python3'], pids: [412], culprit },
    }
    const reasonsOf = (events: CrashEvent[]) =>
      findSuspects(events, { ...nobody, growth: [grown] })[0]?.reasons ?? []
    expect(reasonsOf([kill('python3', [])])).toContainEqual(
      expect.objectContaining({ code: 'grew', culprit }),
    )
    // In a unit that is not in the config: by the process.
    const inUnit = (pid: number) => [kill('python3', [], { unit: 'pi.service', pid })]
    expect(reasonsOf(inUnit(412)).map(({ code }) => code)).toContain('grew')
    expect(reasonsOf(inUnit(413)).map(({ code }) => code)).not.toContain('grew')
    // Another program, and a unit that is called as it is.
    expect(reasonsOf([kill('node', [])]).map(({ code }) => code)).not.toContain('grew')
    expect(reasonsOf([kill('x', [], { unit: 'python3' })]).map(({ code }) => code)).not.toContain('grew')
  })

  it('nothing happened: nobody', () => {
    expect(
      findSuspects([crashEvent('boot', 'j', 1, 'm'), crashEvent('io-error', 'j', 1, 'm')], nobody),
    ).toEqual([])
  })
})
