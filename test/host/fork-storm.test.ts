import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EndProcessesAction } from '../../src/core/action.ts'
import { makeApply } from '../../src/host/apply.ts'
import { makeRun } from '../../src/host/exec.ts'
import { makeForkStorm } from '../../src/host/fork-storm.ts'
import { makeFreezer, pidsInFolder } from '../../src/host/freezer.ts'
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
    for (const name of ['freezer.state', 'cgroup.freeze'])
      if (existsSync(`${folder}/${name}`))
        writeFileSync(`${folder}/${name}`, name === 'freezer.state' ? 'THAWED' : '0')
    for (let rounds = 0; rounds < 2000 && pidsInFolder(folder).length > 0; rounds++)
      for (const pid of pidsInFolder(folder))
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has ended.
        }
    await until(() => pidsInFolder(folder).length === 0)
    rmdirSync(folder)
  })
  return folder
}

/** Each process starts its successor and ends: who kills what he has seen comes too late. Ends by itself after 20 s, and leaves init some 3,000 zombies a second to reap. */
const relay = (chains: number): string =>
  `exec perl -e '$| = 1; print "$$\\n"; $end = time + 20; for (1..${chains}) { if (!fork) { while (time < $end) { exit if fork; select(undef, undef, undef, 0.002) } exit } } sleep 60'`

const apply = makeApply({
  ...{ base: liveBase, dryRun: false, run: makeRun(liveBase), http: makeHttp(), log: () => {} },
})

const action = (pid: number, freeze: EndProcessesAction['freeze']): EndProcessesAction => ({
  ...{ kind: 'end-processes', processes: [identityOf(pid)], newcomers: { sessions: [pid] } },
  ...{ graceMs: 0, reason: 'a test', ...(freeze === undefined ? {} : { freeze }) },
})

const noteIn = (): string => join(mkdtempSync(join(top, 'state-')), 'frozen.json')

const stateOf = (folder: string): string =>
  existsSync(`${folder}/freezer.state`)
    ? readFileSync(`${folder}/freezer.state`, 'utf8').trim()
    : readFileSync(`${folder}/cgroup.freeze`, 'utf8').trim() === '0'
      ? 'THAWED'
      : 'FROZEN'

describe.runIf(canFreeze)('a fork storm', { timeout: 60_000 }, () => {
  it('in a cgroup of its own ends, and nothing stays frozen', async () => {
    const folder = cgroup()
    const note = noteIn()
    const { pid, pids } = startFamily(`echo $$ >${folder}/cgroup.procs; ${relay(8)}`)
    await pids(1)
    await until(() => pidsInFolder(folder).length > 4)
    const result = await apply(action(pid, { withOthers: false, note }))
    expect(result).toMatchObject({ outcome: 'done' })
    expect(pidsInFolder(folder)).toEqual([])
    expect(stateOf(folder)).toBe('THAWED')
    expect(existsSync(note)).toBe(false)
  })

  it('beside a daemon in the same cgroup ends, and the daemon goes on', async () => {
    const folder = cgroup()
    const daemon = startFamily(`echo $$ >${folder}/cgroup.procs; echo $$; exec sleep 1000`)
    await daemon.pids(1)
    const { pid, pids } = startFamily(`echo $$ >${folder}/cgroup.procs; ${relay(8)}`)
    await pids(1)
    await until(() => pidsInFolder(folder).length > 4)
    const result = await apply(action(pid, { withOthers: true, note: noteIn() }))
    expect(result).toMatchObject({ outcome: 'done' })
    expect(pidsInFolder(folder)).toEqual([daemon.pid])
    expect(stateOf(folder)).toBe('THAWED')
    expect(isAlive(daemon.pid)).toBe(true)
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
