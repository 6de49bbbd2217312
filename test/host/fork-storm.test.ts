import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EndProcessesAction } from '../../src/core/action.ts'
import { makeApply } from '../../src/host/apply.ts'
import { makeRun } from '../../src/host/exec.ts'
import { makeForkStorm } from '../../src/host/fork-storm.ts'
import { freeze, makeFreezer, pidsInFolder, thaw } from '../../src/host/freezer.ts'
import { makeHttp } from '../../src/host/http.ts'
import { rosterOf } from '../../src/host/roster.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { identityOf, isAlive, startFamily, until } from '../support/process-family.ts'
import { tempFolder } from '../support/temp-folder.ts'

// On whatever freezes here: the old freezer, or cgroup v2.
const top = tempFolder('storm')
const parent = ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((folder) =>
  existsSync(`${folder}/cgroup.procs`),
)

const makeCgroup = (): string | null => {
  if (!isRoot || parent === undefined) return null
  const folder = `${parent}/ohstorm-${process.pid}-${Math.trunc(performance.now() * 1000)}`
  try {
    mkdirSync(folder)
  } catch {
    // Mounted read-only, as in most containers.
    return null
  }
  return folder
}

const probe = makeCgroup()
const canFreeze =
  probe !== null && (existsSync(`${probe}/freezer.state`) || existsSync(`${probe}/cgroup.freeze`))
if (probe !== null) rmdirSync(probe)

const cgroup = (): string => {
  const folder = makeCgroup() ?? ''
  onTestFinished(async () => {
    // Killed while they stand still, or a storm would outrun this.
    const one = { folder, version: existsSync(`${folder}/freezer.state`) ? 1 : 2, inode: 0 } as const
    while (pidsInFolder(folder).length > 0) {
      freeze([one])
      for (const pid of pidsInFolder(folder))
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It had ended, and was reaped meanwhile.
        }
      thaw(one)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    rmdirSync(folder)
  })
  return folder
}

/** Each process starts its successor and ends: who kills what he has seen comes too late. Ends by itself after the test's own minute, and leaves init some 3,000 zombies a second to reap. */
const relay = (chains: number): string =>
  `exec perl -e '$| = 1; print "$$\\n"; $end = time + 60; for (1..${chains}) { if (!fork) { while (time < $end) { exit if fork; select(undef, undef, undef, 0.002) } exit } } sleep 60'`

/** Who was killed stays in there until init has reaped him. */
const livingIn = (folder: string): number[] => pidsInFolder(folder).filter(isAlive)

const apply = makeApply({
  ...{ base: liveBase, dryRun: false, run: makeRun(liveBase), http: makeHttp(), log: () => {} },
})

const action = (pid: number, freeze: EndProcessesAction['freeze']): EndProcessesAction => ({
  ...{ kind: 'end-processes', processes: [identityOf(pid)], newcomers: { sessions: [pid] } },
  ...{ graceMs: 0, reason: 'a test', ...(freeze === undefined ? {} : { freeze }) },
})

/** Of the cgroup in which it can be frozen, as /proc/PID/cgroup has it. */
const pathOf = (pid: number): string => {
  const text = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  return /^\d+:[^:\n]*\bfreezer\b[^:\n]*:(\/.+)$/m.exec(text)?.[1] ?? /^0::(.*)$/m.exec(text)?.[1] ?? '/'
}

const noteIn = (): string => join(mkdtempSync(join(top, 'state-')), 'frozen.json')

const stateOf = (folder: string): string =>
  existsSync(`${folder}/freezer.state`)
    ? readFileSync(`${folder}/freezer.state`, 'utf8').trim()
    : readFileSync(`${folder}/cgroup.freeze`, 'utf8').trim() === '0'
      ? 'THAWED'
      : 'FROZEN'

describe.runIf(canFreeze)('a fork storm', () => {
  it('in a cgroup of its own ends, and nothing stays frozen', async () => {
    const folder = cgroup()
    const note = noteIn()
    const { pid, pids } = startFamily(`echo $$ >${folder}/cgroup.procs; ${relay(8)}`)
    await pids(1)
    await until(() => livingIn(folder).length > 4)
    const result = await apply(action(pid, { withOthers: false, note }))
    expect(result).toMatchObject({ outcome: 'done' })
    expect(livingIn(folder)).toEqual([])
    expect(stateOf(folder)).toBe('THAWED')
    expect(existsSync(note)).toBe(false)
  })

  it('beside a daemon in the same cgroup ends, and the daemon goes on', async () => {
    const folder = cgroup()
    const daemon = startFamily(`echo $$ >${folder}/cgroup.procs; echo $$; exec sleep 1000`)
    await daemon.pids(1)
    const { pid, pids } = startFamily(`echo $$ >${folder}/cgroup.procs; ${relay(8)}`)
    await pids(1)
    await until(() => livingIn(folder).length > 4)
    const result = await apply(action(pid, { withOthers: true, note: noteIn() }))
    expect(result).toMatchObject({ outcome: 'done' })
    expect(livingIn(folder)).toEqual([daemon.pid])
    expect(stateOf(folder)).toBe('THAWED')
    expect(isAlive(daemon.pid)).toBe(true)
  })

  it('of whose processes none lives any more is found by the cgroup they were in, and ends', async () => {
    const folder = cgroup()
    const { pids } = startFamily(`echo $$ >${folder}/cgroup.procs; ${relay(8)}`)
    const [top = 0] = await pids(1)
    await until(() => livingIn(folder).length > 4)
    // All have one command line, as forks of each other; nothing else is known of them when they are seen again.
    const line = readFileSync(`/proc/${top}/cmdline`, 'utf8')
    const gone = { pid: 4_000_000, startTicks: 1, words: 'a link that has handed on' }
    const states: string[] = []
    const anew = () => {
      states.push(stateOf(folder))
      return pidsInFolder(folder).flatMap((pid) =>
        isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === line ? [identityOf(pid)] : [],
      )
    }
    const freezing = { withOthers: true, cgroups: [pathOf(top)], note: noteIn(), anew }
    const result = await apply({ ...action(top, freezing), processes: [gone], newcomers: { sessions: [] } })
    expect(result).toMatchObject({ outcome: 'done' })
    expect(states[0]).toBe('FROZEN')
    await until(() => livingIn(folder).length === 0)
    expect(stateOf(folder)).toBe('THAWED')
  })

  it('is looked at while it stands still: who is listed then is there to be read', async () => {
    const folder = cgroup()
    const note = noteIn()
    const { pids } = startFamily(`echo $$ >${folder}/cgroup.procs; ${relay(8)}`)
    const [top = 0] = await pids(1)
    await until(() => livingIn(folder).length > 4)
    const looks: { state: string; noted: boolean; listed: number[]; later: number[] }[] = []
    const look = () => {
      const listed = livingIn(folder)
      const state = stateOf(folder)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
      looks.push({ state, noted: existsSync(note), listed, later: livingIn(folder) })
    }
    const looked = { kind: 'look-frozen', cgroups: [pathOf(top)], note, look, reason: 'a test' } as const
    expect(await apply(looked)).toMatchObject({ outcome: 'done' })
    const [seenThen] = looks
    expect(looks).toHaveLength(1)
    expect(seenThen).toMatchObject({ state: 'FROZEN', noted: true })
    // Fifty milliseconds are two dozen lives of a link.
    expect(seenThen?.later).toEqual(seenThen?.listed)
    expect(stateOf(folder)).toBe('THAWED')
    expect(existsSync(note)).toBe(false)
    await until(() => livingIn(folder).some((pid) => !seenThen?.listed.includes(pid)))
  })

  it('is not looked at so where nothing can be frozen, or what runs this would be', async () => {
    const look = () => expect.unreachable()
    const asked = (path: string) =>
      apply({ kind: 'look-frozen', cgroups: [path], note: noteIn(), look, reason: 'a test' })
    for (const path of ['/', '/no-such-cgroup', '/..', pathOf(process.pid)])
      expect(await asked(path)).toMatchObject({ outcome: 'skipped' })
    const folder = cgroup()
    const family = startFamily(`echo $$ >${folder}/cgroup.procs; echo $$; exec sleep 1000`)
    await family.pids(1)
    const one = makeFreezer(liveBase).of(family.pid)
    if (one === null) throw new Error('it is in no cgroup that can be frozen')
    // Somebody else's, as docker pause leaves it.
    freeze([one])
    const answer = await asked(pathOf(family.pid))
    const state = stateOf(folder)
    thaw(one)
    expect(answer).toMatchObject({ outcome: 'skipped' })
    expect(state).toBe('FROZEN')
  })

  it('freezes nobody else without leave, never who runs this, and nothing that could not be written down', async () => {
    const folder = cgroup()
    const [one, other] = [1, 2].map(() =>
      startFamily(`echo $$ >${folder}/cgroup.procs; echo $$; exec sleep 1000`),
    )
    for (const family of [one, other]) await family?.pids(1)
    const [member = 0, stranger = 0] = [one?.pid, other?.pid]
    const roster = rosterOf(action(member, undefined))
    const known = new Set([member, stranger])
    const states: string[] = []
    const ask = (withOthers: boolean, off: number[], note = noteIn()): boolean =>
      makeForkStorm(liveBase, { withOthers, note }).freezeAndKill(roster, { known, off: new Set(off) }, () =>
        states.push(stateOf(folder)),
      )
    expect(ask(false, [])).toBe(false)
    expect(ask(true, [stranger])).toBe(false)
    expect(ask(true, [], join(top, 'no-such-folder/frozen.json'))).toBe(false)
    expect(states).toEqual([])
    expect(ask(true, [])).toBe(true)
    expect(states).toEqual(['FROZEN'])
    expect(stateOf(folder)).toBe('THAWED')
  })

  it('whose killer was killed is thawed by the next run, and another cgroup of that name is not', async () => {
    const folder = cgroup()
    const note = noteIn()
    const family = startFamily(`echo $$ >${folder}/cgroup.procs; echo $$; exec sleep 1000`)
    await family.pids(1)
    const { startTicks } = identityOf(family.pid)
    const script = bundle('host/child/freeze-and-die.ts', top)
    const died = spawnSync(process.execPath, [script, `${family.pid}`, `${startTicks}`, note])
    expect(died.signal).toBe('SIGKILL')
    expect(stateOf(folder)).toBe('FROZEN')
    const written = readFileSync(note, 'utf8')
    writeFileSync(note, written.replace(/"inode":(\d+)/, '"inode":1$1'))
    await apply({ kind: 'thaw', note, reason: 'a test' })
    expect(stateOf(folder)).toBe('FROZEN')
    writeFileSync(note, written)
    expect(await apply({ kind: 'thaw', note, reason: 'a test' })).toEqual({ outcome: 'done', detail: folder })
    expect(stateOf(folder)).toBe('THAWED')
    expect(existsSync(note)).toBe(false)
    expect(isAlive(family.pid)).toBe(true)
  })

  it('a note of another that is at it, or that names no cgroup, thaws nothing', async () => {
    const folder = cgroup()
    const family = startFamily(`echo $$ >${folder}/cgroup.procs; echo $$; exec sleep 1000`)
    await family.pids(1)
    const note = noteIn()
    const by = identityOf(process.ppid)
    const one = makeFreezer(liveBase).of(family.pid)
    writeFileSync(note, JSON.stringify({ by: { pid: by.pid, startTicks: by.startTicks }, cgroups: [one] }))
    expect(await apply({ kind: 'thaw', note, reason: 'a test' })).toMatchObject({ outcome: 'skipped' })
    expect(existsSync(note)).toBe(true)
    const bait = join(top, 'bait')
    mkdirSync(bait)
    writeFileSync(`${bait}/freezer.state`, 'mine')
    writeFileSync(
      note,
      JSON.stringify({ by: { pid: 1, startTicks: 1 }, cgroups: [{ folder: bait, version: 1, inode: 1 }] }),
    )
    expect(await apply({ kind: 'thaw', note, reason: 'a test' })).toMatchObject({ outcome: 'done' })
    expect(readFileSync(`${bait}/freezer.state`, 'utf8')).toBe('mine')
  })
})
