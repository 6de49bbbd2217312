import { describe, expect, it } from 'vitest'
import { judgeRules } from '../../../src/commands/orphans/judge-rules.ts'
import type { OrphanRule } from '../../../src/config/sections/orphans.ts'
import { failed, type Reading, value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import {
  capturedHost,
  cgroupFiles,
  container,
  type FakeProcess,
  manyProcesses,
  type Scene,
  unit,
} from '../../support/captured-host.ts'

// From /proc as the kernel writes it to the fate of each process; in pids below 1,000 what every host has.
const usual: FakeProcess[] = [
  { pid: 1, ppid: 0, comm: 'systemd' },
  { pid: 100, comm: 'sshd', args: ['sshd: /usr/sbin/sshd -D [listener]'] },
  { pid: 101, ppid: 100, comm: 'sshd', args: ['sshd: pi [priv]'] },
  { pid: 102, ppid: 101, comm: 'bash', args: ['-bash'], uid: 1000 },
  { pid: 200, comm: 'cron', args: ['/usr/sbin/cron', '-f'] },
  { pid: 201, ppid: 200, comm: 'sh', args: ['sh', '-c', 'oratio-health kill-orphans'] },
  { pid: 202, ppid: 201, comm: 'oratio-health', args: ['node', 'oratio-health', 'kill-orphans'] },
]

const rule = (more: Partial<OrphanRule>): OrphanRule => ({
  ...{ name: 'test', match: null, exe: null, user: null, container: null, unit: null, keep: 0 },
  ...{ keep_by: 'newest', older_than: null, max_memory: null, warn: 1, crit: null, ...more },
})

/** @param exes what /proc/PID/exe says */
const judge = async (
  one: OrphanRule,
  processes: FakeProcess[],
  {
    exes = {},
    of = () => ({}),
    ...scene
  }: Scene & {
    exes?: Record<number, Reading<string>>
    of?: (its: Host['processes']) => Partial<Host['processes']>
  } = {},
) => {
  const files = { ...manyProcesses(...usual, ...processes), ...scene.files }
  const host = { ...capturedHost({ ...scene, files }), pid: 202 }
  const { executable } = host.processes
  host.processes.executable = (pid) => exes[pid] ?? executable(pid)
  Object.assign(host.processes, of({ ...host.processes }))
  const [verdict] = await judgeRules({ loaded: null, global: {} as never, host }, [one])
  if (verdict?.kind !== 'judged') return { why: verdict?.why }
  return Object.fromEntries(
    [...verdict.fates].map(([pid, fate]) => [pid, fate.kind === 'orphan' ? 'orphan' : fate.reason]),
  )
}

describe('a rule of kill-orphans on a whole host', () => {
  it('that fits the tool, cron, the shell and sshd ends none of them', async () => {
    const stray = { pid: 2000, comm: 'node', args: ['node', 'oratio-health-old'] }
    const fates = await judge(rule({ match: 'sshd|cron|bash|oratio-health' }), [stray])
    expect(fates).toEqual({
      100: 'protected: system',
      101: 'protected: system',
      102: 'its parent lives: process 101 (sshd)',
      200: 'protected: system',
      201: 'protected: ancestor',
      2000: 'orphan',
    })
  })

  it('max_memory counts what was swapped out: an orphan without any RSS is as big as it was', async () => {
    const swapped = { pid: 2000, comm: 'python3', anonKb: 0, swapKb: 2 * 1024 ** 2 }
    const small = { pid: 2001, comm: 'python3', anonKb: 100, swapKb: 100 }
    expect(await judge(rule({ match: 'python3', max_memory: 1024 ** 3 }), [swapped, small])).toEqual({
      2000: 'orphan',
      2001: 'it is not big enough',
    })
  })

  it('names the parent of a zombie, which it leaves alone', async () => {
    const zombie = { ppid: 2000, state: 'Z', args: [] }
    const zombies = [
      { ...zombie, pid: 2001, comm: 'python3' },
      { ...zombie, pid: 2002, comm: 'ffmpeg' },
      { ...zombie, pid: 2003, ppid: 102, comm: 'python3' },
    ]
    const lazy = { pid: 2000, ppid: 102, comm: 'python3', args: ['python3', 'capture_monitor.py'] }
    const reason = 'a zombie, which its parent process 2000 (python3) does not reap'
    // It has no command line any more: what its parent runs is all there is to know it by.
    expect(await judge(rule({ match: 'capture_monitor' }), [lazy, ...zombies])).toEqual({
      2000: 'its parent lives: process 102 (bash)',
      2001: reason,
      2002: reason,
    })
    expect(await judge(rule({ match: '^\\[python3\\]$' }), [lazy, ...zombies])).toEqual({
      2001: reason,
      2003: 'a zombie, which its parent process 102 (bash) does not reap',
    })
  })

  it('is not refused for zombies of many names that one program has left', async () => {
    const lazy = { pid: 2000, comm: 'lazy' }
    const zombies = Array.from({ length: 20 }, (_, i) => ({
      ...{ pid: 2001 + i, ppid: 2000, comm: `helper-${i}`, state: 'Z', args: [] },
    }))
    expect(await judge(rule({ match: '^lazy' }), [lazy, ...zombies])).toMatchObject({ 2000: 'orphan' })
  })

  it.each([
    'tini',
    'tini-static',
    'dumb-init',
    'docker-init',
    'catatonit',
    'podman-init',
    's6-svscan',
    'init',
  ])('what %s was handed is an orphan, its command is not', async (comm) => {
    const isOfOne = !['s6-svscan', 'init'].includes(comm)
    const fates = await judge(rule({ match: '^worker' }), [
      { pid: 1500, ppid: 102, comm },
      { pid: 2000, ppid: 1500, comm: 'worker', startTicks: 200 },
      { pid: 2001, ppid: 1500, comm: 'worker', startTicks: 900 },
    ])
    expect(fates).toEqual({ 2000: isOfOne ? 'it is the tracked one' : 'orphan', 2001: 'orphan' })
  })

  it.each(['runsv', 's6-supervise'])('what %s watches over is none', async (comm) => {
    const host = [
      { pid: 1500, comm },
      { pid: 2000, ppid: 1500, comm: 'worker' },
    ]
    expect(await judge(rule({ match: '^worker' }), host)).toEqual({
      2000: `its parent lives: process 1500 (${comm})`,
    })
  })

  it('of a user’s systemd: a service stays, what a terminal left behind is an orphan', async () => {
    const slice = '/user.slice/user-1000.slice/user@1000.service/app.slice'
    const fates = await judge(rule({ match: '^worker' }), [
      { pid: 1500, comm: 'systemd', uid: 1000, args: ['/lib/systemd/systemd', '--user'] },
      { pid: 2000, ppid: 1500, comm: 'worker', cgroup: `${slice}/worker.service` },
      { pid: 2001, ppid: 1500, comm: 'worker', cgroup: `${slice}/vte-spawn-1.scope` },
    ])
    expect(fates).toEqual({ 2000: 'it is the tracked one', 2001: 'orphan' })
  })

  it('of a unit its main process stays, and what reloads or stops it just now; what these left behind is an orphan', async () => {
    const cgroup = '/system.slice/web.service'
    const processes = [2000, 2001, 2002].map((pid) => ({ pid, comm: 'webd', cgroup }))
    const by = (facts: Parameters<typeof unit>[0]) =>
      judge(rule({ match: '^webd' }), processes, {
        units: value([unit({ id: 'web.service', controlGroup: cgroup, ...facts })]),
      })
    const stays = 'it is the tracked one'
    expect(await by({ mainPid: 2000, controlPid: 2001 })).toEqual({
      2000: stays,
      2001: stays,
      2002: 'orphan',
    })
    expect(await by({ mainPid: 2000 })).toEqual({ 2000: stays, 2001: 'orphan', 2002: 'orphan' })
  })

  it('by a user that only a directory service knows', async () => {
    const files = { '/etc/passwd': 'pi:x:1000:1000::/home/pi:/bin/sh\n' }
    const host = [
      { pid: 2000, comm: 'worker', uid: 5000 },
      { pid: 2001, comm: 'worker', uid: 1000 },
    ]
    const asked: string[] = []
    const run: Scene['run'] = (argv) => {
      asked.push(argv.join(' '))
      if (argv[3] === 'slow') return failed('timeout', 'getent', 'no answer within 5s')
      const isKnown = argv[3] === 'ada'
      const stdout = isKnown ? 'ada:x:5000:5000:Ada:/home/ada:/bin/sh\n' : ''
      return value({ exitCode: isKnown ? 0 : 2, signal: null, stdout, stderr: '', truncated: false })
    }
    const by = (user: string) => judge(rule({ match: '^worker', user }), host, { files, run })
    expect(await by('ada')).toEqual({ 2000: 'orphan' })
    expect(await by('pi')).toEqual({ 2001: 'orphan' })
    expect(asked).toEqual(['getent passwd -- ada'])
    expect(await by('bob')).toEqual({ why: expect.stringContaining('has no user bob') })
    // Nobody of that name, and nobody who says so, are two things.
    expect(await by('slow')).toEqual({ why: 'getent no answer within 5s' })
  })

  it('that fits most programs is refused, also as one for root alone, and however many run in containers', async () => {
    const files = { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\n' }
    const named = (names: string[], first: number, uid = 0): FakeProcess[] =>
      names.map((comm, i) => ({ pid: first + i, comm, args: [`/usr/sbin/${comm}`], uid }))
    const ofRoot = named(['rsyslogd', 'ntpd', 'nginx', 'master', 'redis'], 2000)
    const ofPi = named(['one', 'two', 'three', 'four', 'five', 'six'], 3000, 1000)
    const by = (more: Partial<OrphanRule>, scene: Scene = {}, others: FakeProcess[] = []) =>
      judge(rule({ match: '/sbin/', ...more }), [...ofRoot, ...ofPi, ...others], {
        ...scene,
        files: { ...files, ...scene.files },
      })
    const refused = (words: string) => ({ why: expect.stringContaining(words) })
    expect(await by({})).toEqual(refused('or a user other than root'))
    expect(await by({ user: 'root' })).toEqual(refused('most programs that root runs'))
    expect(await by({ user: '0' })).toEqual(refused('most programs that root runs'))
    expect(Object.values(await by({ user: 'pi' }))).toEqual(Array(6).fill('orphan'))
    expect(await by({ user: 'root', match: 'ntpd|nginx|redis' })).toEqual({
      ...{ 2001: 'orphan', 2002: 'orphan', 2004: 'orphan' },
    })

    const id = 'a'.repeat(64)
    const cgroup = `/system.slice/docker-${id}.scope`
    const contained = named(
      Array.from({ length: 20 }, (_, i) => `in-there-${i}`),
      4000,
    ).map((one) => ({ ...one, cgroup }))
    const scene = {
      files: cgroupFiles({ path: cgroup, pids: contained.map(({ pid }) => pid) }),
      containers: value([container({ id, pid: 4000 })]),
    }
    for (const user of [null, 'root'])
      expect(await by({ user }, scene, contained)).toEqual(refused('it fits most programs'))
  })

  it('by user, and in no container that was not named', async () => {
    const files = { '/etc/passwd': 'pi:x:1000:1000::/home/pi:/bin/sh\n' }
    const host = [
      { pid: 2000, comm: 'worker', uid: 1000 },
      { pid: 2001, comm: 'worker', uid: 0 },
    ]
    expect(await judge(rule({ match: '^worker', user: 'pi' }), host, { files })).toEqual({ 2000: 'orphan' })
    expect(await judge(rule({ match: '^worker', user: 'nobody-here' }), host, { files })).toEqual({
      why: expect.stringContaining('has no user nobody-here'),
    })
  })

  it('reads the status of those that fit only where it decides, and comes to the same by the link', async () => {
    const files = { '/etc/passwd': 'pi:x:1000:1000::/home/pi:/bin/sh\n' }
    const host = [
      { pid: 2000, comm: 'worker', uid: 1000 },
      { pid: 2001, comm: 'worker', uid: 1000 },
    ]
    let read: number[] = []
    const by = (more: Partial<OrphanRule>, link: (pid: number) => Reading<boolean>) => {
      read = []
      return judge(rule({ match: '^worker', ...more }), host, {
        files,
        of: ({ status }) => ({
          isInOwnPidNamespace: link,
          status: (pid) => {
            if (pid >= 2000) read.push(pid)
            return status(pid)
          },
        }),
      })
    }
    const both = { 2000: 'orphan', 2001: 'orphan' }
    expect(await by({}, () => value(true))).toEqual(both)
    expect(read).toEqual([])
    expect(await by({}, (pid) => value(pid === 2001))).toEqual({ 2001: 'orphan' })
    expect(await by({}, () => failed('denied', 'ns/pid', 'no'))).toEqual(both)
    expect(read).toEqual([2000, 2001])
    expect(await by({ user: 'pi' }, () => value(true))).toEqual(both)
    expect(await by({ max_memory: 1024 }, () => value(true))).toEqual({
      2000: 'it is not big enough',
      2001: 'it is not big enough',
    })
  })

  it('where what may be one runs cannot be seen, by exe it is not said that none is left', async () => {
    const files = { '/etc/passwd': 'pi:x:1000:1000::/home/pi:/bin/sh\n' }
    const host = [
      { pid: 2000, comm: 'leaky', uid: 33 },
      { pid: 2001, comm: 'other', uid: 33 },
      { pid: 2002, ppid: 102, comm: 'shell-child', uid: 33 },
    ]
    const denied = failed('denied', '/proc/PID/exe', 'permission denied')
    const exes = { 2000: denied, 2001: denied, 2002: denied }
    const by = (more: Partial<OrphanRule>, those: Record<number, Reading<string>> = exes) =>
      judge(rule({ exe: '/opt/leaky', ...more }), host, { files, exes: those })
    const why = (pid: string) => ({
      why: expect.stringMatching(`^exe cannot be told: what process ${pid} runs may not be seen`),
    })
    expect(await by({})).toEqual(why('2000 \\(leaky\\) and 1 more'))
    expect(await by({ match: '^leaky' })).toEqual(why('2000 \\(leaky\\)'))
    // Who does not fit otherwise, is too young, or has a parent that lives, is no matter.
    expect(await by({ match: '^another' })).toEqual({})
    expect(await by({ user: 'pi' })).toEqual({})
    expect(await by({ older_than: 7200 })).toEqual({})
    expect(await by({}, { 2002: denied })).toEqual({})
    expect(await by({}, { 2000: value('/opt/leaky'), 2001: value('/bin/other'), 2002: denied })).toEqual({
      2000: 'orphan',
    })
  })

  it('keeps one in each replica of a compose service', async () => {
    const replicas = [1, 2, 3].map((number) => ({
      id: String(number).repeat(64),
      at: `/system.slice/docker-${String(number).repeat(64)}.scope`,
      pids: [number * 1000, number * 1000 + 1, number * 1000 + 2],
    }))
    const processes = replicas.flatMap(({ at: cgroup, pids: [init = 0, ...others] }) => [
      { pid: init, ppid: 1, comm: 'sh', args: ['sh', 'start.sh'], cgroup },
      ...others.map((pid) => ({ pid, ppid: init, comm: 'wallet', startTicks: pid, cgroup })),
    ])
    const files = Object.assign({}, ...replicas.map(({ at: path, pids }) => cgroupFiles({ path, pids })))
    const replicaFacts = replicas.map(({ id, pids: [pid = 0] }) =>
      container({ id, name: `proj-web-${id[0]}`, pid, composeProject: 'proj', composeService: 'web' }),
    )
    const containers = value(replicaFacts)
    const wish = rule({ match: '^wallet', container: 'proj/web', keep: 1 })
    const fates = {
      ...{ 1001: 'orphan', 2001: 'orphan', 3001: 'orphan' },
      ...Object.fromEntries([1002, 2002, 3002].map((pid) => [pid, 'among the newest 1, which stay'])),
    }
    expect(await judge(wish, processes, { files, containers })).toEqual(fates)
    // One that has ended since the engine answered keeps nobody from the others.
    const ended = { id: '4'.repeat(64), name: 'proj-web-4', pid: 4000 }
    const all = [...replicaFacts, container({ ...ended, composeProject: 'proj', composeService: 'web' })]
    expect(await judge(wish, processes, { files, containers: value(all) })).toEqual(fates)
  })

  describe('of a container that the engine lists and cannot inspect', () => {
    const [seenId, unseenId] = ['a'.repeat(64), 'b'.repeat(64)]
    const cgroupOf = (id: string) => `/system.slice/docker-${id}.scope`
    const notInspected = failed('timeout', 'engine', 'no answer within 5s')
    // Without pid namespaces (`--pid=host`): by these nobody is told from the host's.
    const processes = [
      { pid: 1000, comm: 'tini', cgroup: cgroupOf(seenId) },
      { pid: 1001, ppid: 1000, comm: 'app', startTicks: 200, cgroup: cgroupOf(seenId) },
      { pid: 1002, ppid: 1000, comm: 'worker', startTicks: 900, cgroup: cgroupOf(seenId) },
      { pid: 2000, comm: 'worker', cgroup: cgroupOf(unseenId) },
      { pid: 3000, comm: 'worker' },
    ]
    const seenFiles = cgroupFiles({ path: cgroupOf(seenId), pids: [1000, 1001, 1002] })
    const unseenFiles = cgroupFiles({ path: cgroupOf(unseenId), pids: [2000] })
    const compose = { composeProject: 'p', composeService: 's' }
    const containersOf = (more: Parameters<typeof container>[0] = {}) =>
      value([
        container({ ...compose, id: seenId, name: 'p-s-1', pid: 1000 }),
        container({ ...compose, id: unseenId, name: 'p-s-2', notInspected, ...more }),
      ])
    const by = (more: Partial<OrphanRule>, files = { ...seenFiles, ...unseenFiles }, facts = {}) =>
      judge(rule({ match: '^worker', ...more }), processes, { files, containers: containersOf(facts) })
    const notSeen = { why: 'container p-s-2 could not be looked at: no answer within 5s' }

    it('a rule that means it too says so, and not that none is left', async () => {
      expect(await by({ container: 'p/s' })).toEqual(notSeen)
      expect(await by({ container: 'p-s-2' })).toEqual(notSeen)
      expect(await by({ container: 'p-s-2' }, undefined, { state: 'paused' })).toEqual(notSeen)
      expect(await by({ container: 'p-s-1' })).toEqual({ 1002: 'orphan' })
    })

    it('what is in there is none of the host’s; nor is anything called so where that cannot be told', async () => {
      expect(await by({})).toEqual({ 3000: 'orphan' })
      expect(await by({}, seenFiles)).toEqual(notSeen)
    })

    it('one that does not run, or runs on another host, is no matter', async () => {
      const none = { 2000: 'orphan', 3000: 'orphan' }
      for (const facts of [{ state: 'exited' as const }, { isElsewhere: true as const }]) {
        expect(await by({ container: 'p/s' }, seenFiles, facts)).toEqual({ 1002: 'orphan' })
        expect(await by({}, seenFiles, facts)).toEqual(none)
      }
    })
  })

  it('in a container, of an application that is process 1: its workers stay, and what may be its own is left to the user', async () => {
    const app = (startOfStack: number) => ({ pid: 1, ppid: 0, comm: 'gunicorn', startOfStack })
    const fork = { pid: 2000, session: 1, comm: 'gunicorn', startOfStack: 5000 }
    const helper = { pid: 2001, session: 1, comm: 'gunicorn', startOfStack: 6000 }
    // Its session is of somebody who has ended: it was handed over.
    const left = { pid: 2002, session: 1999, comm: 'gunicorn', startOfStack: 7000 }
    const words = 'its parent lives: process 1 (gunicorn), of which it is a worker'
    const one = rule({ match: 'gunicorn' })
    expect(await judge(one, [app(5000), fork, left])).toMatchObject({ 2000: words, 2002: 'orphan' })
    const doubt = { why: expect.stringContaining('process 1 here is gunicorn') }
    expect(await judge(one, [app(5000), fork, helper])).toEqual(doubt)
    const two = [
      { ...helper, startTicks: 200 },
      { ...helper, pid: 2003, startTicks: 300 },
    ]
    expect(await judge({ ...one, keep: 1 }, [app(5000), ...two])).toEqual({
      why: expect.stringContaining('say keep: 2'),
    })
    expect(await judge({ ...one, keep: 2 }, [app(5000), ...two])).toMatchObject({
      2001: 'orphan',
      2003: 'among the newest 1, which stay',
    })
    // Without CAP_SYS_PTRACE nobody sees what is of another user.
    const unseen = [fork, left].map((stat) => ({ ...stat, startOfStack: 0 }))
    expect(await judge(one, [app(5000), ...unseen])).toMatchObject({
      2000: 'it may be a worker of process 1 (gunicorn), which could not be seen',
      2002: 'orphan',
    })
    // Where the kernel's own are seen process 1 is the init of a host, whatever it is called.
    const kernel = { pid: 2, ppid: 0, comm: 'kthreadd', kernelThread: true }
    expect(await judge(one, [kernel, app(5000), fork, helper])).toMatchObject({
      2000: 'orphan',
      2001: 'orphan',
    })
  })

  it('does nothing where not all of it could be seen', async () => {
    const host = [{ pid: 2000, comm: 'worker' }]
    const containers = failed('timeout', 'engine', 'it did not answer')
    expect(await judge(rule({ match: '^worker' }), host, { containers })).toEqual({
      why: 'the containers could not be asked: it did not answer',
    })
    expect(await judge(rule({ match: '^worker', container: 'gone' }), host)).toEqual({
      why: 'no container gone runs here',
    })
    expect(await judge(rule({ match: '^worker', unit: 'gone' }), host)).toEqual({
      why: 'unit gone.service is not there, or could not be asked',
    })
    const files = {
      '/proc/self/mountinfo': '20 1 0:5 / /proc rw - proc proc rw,hidepid=2\n',
      '/proc/self/status': 'Name:\tnode\nGid:\t5\t5\t5\t5\nGroups:\t5\nCapEff:\t0\n',
    }
    expect(await judge(rule({ match: '^worker' }), host, { files })).toEqual({
      why: 'processes of other users are hidden (hidepid)',
    })
  })
})
