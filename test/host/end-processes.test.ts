import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ActionResult, EndProcessesAction } from '../../src/core/action.ts'
import type { LogLine } from '../../src/core/log-line.ts'
import { makeApply } from '../../src/host/apply.ts'
import { endedLines, toEndLines } from '../../src/host/end-log.ts'
import { makeRun } from '../../src/host/exec.ts'
import { makeHttp } from '../../src/host/http.ts'
import { rosterOf } from '../../src/host/roster.ts'
import { asNobody } from '../support/as-nobody.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { identityOf, inSession, isAlive, seen, startFamily, until } from '../support/process-family.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('end')
chmodSync(top, 0o755)

const lines: LogLine[] = []
const applyWith = (dryRun: boolean) =>
  makeApply({
    base: liveBase,
    dryRun,
    run: makeRun(liveBase),
    http: makeHttp(),
    log: (...more) => lines.push(...more),
  })

const action = (pids: readonly number[], more: Partial<EndProcessesAction> = {}): EndProcessesAction => ({
  kind: 'end-processes',
  processes: pids.map(identityOf),
  newcomers: { sessions: [] },
  graceMs: 200_000,
  reason: 'a test',
  ...more,
})

const endAll = (wanted: EndProcessesAction): Promise<ActionResult> => applyWith(false)(wanted)
const endsOf = ({ ends = [] }: ActionResult): string[] => ends.map(({ end }) => end)

/** Ignores what can be ignored, and says so when it does. */
const deaf = `trap '' TERM INT HUP; echo $$; while :; do sleep 1000; done`

describe('an end', () => {
  it('by SIGTERM does not wait for the grace', async () => {
    const { pid, pids } = startFamily('sleep 1000 & echo $!; echo $$; wait')
    const [child = 0] = await pids(2)
    const startedAtMs = performance.now()
    const result = await endAll(action([pid, child]))
    expect(result).toMatchObject({ outcome: 'done', detail: '' })
    expect(endsOf(result)).toEqual(['exited', 'exited'])
    expect([isAlive(pid), isAlive(child)]).toEqual([false, false])
    expect(performance.now() - startedAtMs).toBeLessThan(180_000)
  })

  it('by SIGKILL, after the grace and not before, for one that ignores SIGTERM', async () => {
    const { pid, pids } = startFamily(deaf)
    await pids(1)
    const startedAtMs = performance.now()
    const result = await endAll(action([pid], { graceMs: 300, newcomers: { sessions: [pid] } }))
    expect(performance.now() - startedAtMs).toBeGreaterThan(299)
    expect(result).toMatchObject({ outcome: 'done', detail: '' })
    expect(result.ends?.[0]).toMatchObject({ pid, end: 'killed' })
    expect(inSession(pid)).toEqual([])
  })

  it('comes for a stopped process too', async () => {
    const { pid, pids } = startFamily(`trap 'exit 3' TERM; echo $$; while :; do sleep 0.01; done`)
    await pids(1)
    process.kill(pid, 'SIGSTOP')
    await until(() => seen(pid)?.state === 'T')
    expect(endsOf(await endAll(action([pid])))).toContain('exited')
  })

  it('may have come before', async () => {
    const { pid, exit } = startFamily('exec sleep 1000')
    const wanted = action([pid])
    process.kill(pid, 'SIGKILL')
    await until(() => exit() !== null)
    expect(await endAll(wanted)).toMatchObject({ outcome: 'done', ends: [{ pid, end: 'gone' }] })
  })

  it('is not for another that has the pid by now', async () => {
    const { pid } = startFamily('exec sleep 1000')
    const { startTicks } = identityOf(pid)
    const earlier = { pid, startTicks: startTicks - 1, words: 'earlier' }
    const result = await endAll(
      action([], { processes: [earlier], newcomers: { sessions: [pid] }, graceMs: 0 }),
    )
    expect(result).toMatchObject({ outcome: 'done', ends: [{ pid, end: 'changed' }] })
    expect(isAlive(pid)).toBe(true)
  })

  it('is no end of the zombie that its parent does not reap, and says whose', async () => {
    // Node, which the shell becomes, knows nothing of the child it has.
    const idle = `exec '${process.execPath}' -e 'console.log("ready"); setTimeout(() => {}, 1e6)'`
    const family = startFamily(`sleep 1000 & echo $!; ${idle}`)
    const [child = 0] = await family.pids(1)
    await until(() => family.said().includes('ready'))
    const result = await endAll(action([child]))
    expect(result).toEqual({
      outcome: 'done',
      detail: `1 process ended but not reaped by process ${family.pid}`,
      ends: [{ pid: child, startTicks: expect.any(Number), words: `test ${child}`, end: 'exited' }],
    })
    expect(seen(child)?.state).toBe('Z')
    expect(isAlive(family.pid)).toBe(true)
  })
})

describe('newcomers', () => {
  it('of processes that fork while they die are ended too, up to the last', async () => {
    // 60 deaf ones, each with a child of its own; their parent dies at once.
    const storm = `i=0; while [ $i -lt 60 ]; do sh -c 'trap "" TERM; sleep 1000 & exec sleep 1000' & i=$((i+1)); done`
    // With more and more grace, until a busy machine has let it start them all.
    for (let graceMs = 500; ; graceMs *= 3) {
      const { pid, pids, said } = startFamily(
        `trap '${storm.replaceAll("'", `'\\''`)}; echo all; exit' TERM; echo $$; while :; do sleep 0.05; done`,
      )
      await pids(1)
      const result = await endAll(action([pid], { graceMs, newcomers: { sessions: [pid] } }))
      expect(result).toMatchObject({ outcome: 'done', detail: '' })
      expect(inSession(pid)).toEqual([])
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (!said().includes('all') && graceMs < 60_000) continue
      expect(result.ends?.length).toBeGreaterThan(60)
      // A sleep of the loop may have come after the SIGTERM and be over by itself.
      expect(new Set([...endsOf(result), 'gone'])).toEqual(new Set(['exited', 'killed', 'gone']))
      break
    }
  })

  it('that moved to a session of their own are known by their parent', async () => {
    const { pid, pids } = startFamily(
      `trap 'setsid sh -c "trap \\"\\" TERM; echo \\$\\$; exec sleep 1000" & wait' TERM; echo $$; while :; do sleep 0.05; done`,
    )
    await pids(1)
    // In which it has begun, on a busy machine too.
    const result = await endAll(action([pid], { graceMs: 5000, newcomers: { sessions: [pid] } }))
    const [, moved = 0] = await pids(2)
    expect(isAlive(moved)).toBe(false)
    expect(result.outcome).toBe('done')
    expect(result.ends?.find((one) => one.pid === moved)?.end).toBe('killed')
  })

  it('get no SIGTERM: they may be how it saves its data', async () => {
    const saving = `sh -c "sleep 0.3; echo saved" & wait $!; exit`
    const family = startFamily(`trap '${saving}' TERM; echo $$; while :; do sleep 0.05; done`)
    await family.pids(1)
    const result = await endAll(action([family.pid], { newcomers: { sessions: [family.pid] } }))
    expect(endsOf(result)).not.toContain('killed')
    await until(() => family.said().includes('saved'))
  })

  it('are none of those that must live on, nor what is in another session', async () => {
    const { pid, pids } = startFamily('sleep 1000 & echo $!; sleep 1000 & echo $!; wait')
    const other = startFamily('exec sleep 1000')
    const [first = 0, second = 0] = await pids(2)
    const result = await endAll(action([pid], { newcomers: { sessions: [], spared: [identityOf(first)] } }))
    expect(result.outcome).toBe('done')
    expect(result.ends?.map((one) => one.pid)).toEqual([pid, second])
    expect([isAlive(first), isAlive(second), isAlive(other.pid)]).toEqual([true, false, true])
  })

  it('are not looked for in the session of this program', async () => {
    // As a process of its own, in a session of its own: a mistake must not end the test runner.
    const script = bundle('host/child/end-own-session.ts', top)
    const family = startFamily(`'${process.execPath}' '${script}'; wait`)
    await until(() => family.exit() !== null || family.said().includes('\n'))
    expect(JSON.parse(family.said())).toEqual({ outcome: 'done', decoy: false, bystander: true })
  })
})

describe('what cannot be ended is named', () => {
  it('init, kernel threads, this program and what started it', async () => {
    const kernel = isRoot || seen(2) !== null ? [2] : []
    const result = await endAll(action([1, ...kernel, process.pid, process.ppid], { graceMs: 0 }))
    expect(result.outcome).toBe('failed')
    expect(new Set(endsOf(result))).toEqual(new Set(['protected']))
    expect(result.detail).toMatch(/^\d processes never to be signalled: 1 test 1, /)
  })

  it.skipIf(!isRoot)("another user's (skipped without root)", async () => {
    const { pid } = startFamily('exec sleep 1000')
    const script = bundle('host/child/end-one.ts', top)
    const { startTicks } = identityOf(pid)
    expect(asNobody(script, [String(pid), String(startTicks)])).toEqual({
      outcome: 'failed',
      detail: `1 process may not be signalled: ${pid} one`,
      ends: [{ pid, startTicks, words: 'one', end: 'denied' }],
      may: false,
    })
    expect(isAlive(pid)).toBe(true)
  })

  const freezer = '/sys/fs/cgroup/freezer'
  const canFreeze = isRoot && existsSync(join(freezer, 'cgroup.procs'))
  it.skipIf(!canFreeze)('one that cannot die (skipped without the cgroup-v1 freezer)', async () => {
    const { pid } = startFamily('exec sleep 1000')
    const cgroup = join(freezer, `oh-test-${pid}`)
    mkdirSync(cgroup)
    onTestFinished(async () => {
      writeFileSync(join(cgroup, 'freezer.state'), 'THAWED')
      await until(() => !isAlive(pid))
      rmdirSync(cgroup)
    })
    writeFileSync(join(cgroup, 'cgroup.procs'), String(pid))
    writeFileSync(join(cgroup, 'freezer.state'), 'FROZEN')
    await until(() => readFileSync(join(cgroup, 'freezer.state'), 'utf8') === 'FROZEN\n')
    const startedAtMs = performance.now()
    const result = await endAll(action([pid], { graceMs: 100 }))
    expect(performance.now() - startedAtMs).toBeLessThan(60_000)
    expect(result).toMatchObject({ outcome: 'failed', ends: [{ pid, end: 'survived' }] })
    expect(result.detail).toBe(
      `1 process still there after SIGKILL: ${pid} test ${pid} (state D: it waits for a disk or network share, or its cgroup is frozen)`,
    )
    writeFileSync(join(cgroup, 'freezer.state'), 'THAWED')
    await until(() => !isAlive(pid))
  })
})

describe('words', () => {
  it('say what and why before anything is sent, harmless to look at', async () => {
    const { pid } = startFamily('exec sleep 1000')
    const processes = [{ ...identityOf(pid), words: 'sl\u001b[31meep' }]
    lines.length = 0
    await endAll(action([], { processes, graceMs: 3000, reason: '3 failed\nchecks' }))
    expect(lines).toEqual([
      {
        level: 'INFO',
        text: `end 1 process (SIGTERM, after 3 s SIGKILL): ${pid} sl\\x1b[31meep: 3 failed\\nchecks`,
      },
    ])
  })

  it('with figures: a line for each before anything is sent, and how it ended after it', async () => {
    const [polite, stubborn] = [startFamily('echo $$; exec sleep 1000'), startFamily(deaf)]
    const pids = [...(await polite.pids(1)), ...(await stubborn.pids(1))] as [number, number]
    const gone = { pid: pids[0], startTicks: identityOf(pids[0]).startTicks - 1, words: 'earlier' }
    const figures = new Map([[pids[0], { ageSeconds: 7200, memoryBytes: 3 * 1024 ** 3 }]])
    lines.length = 0
    await endAll(action(pids, { processes: [...pids.map(identityOf), gone], figures, graceMs: 300 }))
    // After these comes the sleep that the stubborn one has started meanwhile.
    expect(lines.slice(0, 7).map(({ level, text }) => `${level} ${text}`)).toEqual([
      'INFO end 3 processes (SIGTERM, after 0.3 s SIGKILL): a test',
      `INFO to end: ${pids[0]} (age 2h, 3.0 GiB) test ${pids[0]}`,
      `INFO to end: ${pids[1]} test ${pids[1]}`,
      `INFO to end: ${pids[0]} (age 2h, 3.0 GiB) earlier`,
      `INFO ended by SIGTERM: ${pids[0]} test ${pids[0]}`,
      `INFO ended by SIGKILL: ${pids[1]} test ${pids[1]}`,
      `INFO left alone, its pid is another process by now: ${pids[0]} earlier`,
    ])
  })

  it('with figures, of a storm: who is left first, and no more than a thousand', () => {
    const processes = Array.from({ length: 1500 }, (_, i) => ({ pid: 1000 + i, startTicks: 1, words: 'x' }))
    const wanted = action([], { processes, figures: new Map() })
    const roster = rosterOf(wanted)
    for (const member of roster.members.values()) member.end = member.pid === 2400 ? 'denied' : 'exited'
    expect(toEndLines(wanted)).toHaveLength(1001)
    const ended = endedLines(roster)
    expect(ended).toHaveLength(1001)
    expect(ended[0]).toEqual({ level: 'WARN', text: 'may not be signalled: 2400 x' })
    expect(ended.at(-1)).toEqual({ level: 'INFO', text: 'and 500 more' })
  })

  it('are all there is under --dry-run', async () => {
    const { pid } = startFamily('exec sleep 1000')
    const many = Array.from({ length: 200 }, () => identityOf(pid))
    const result = await applyWith(true)(action([], { processes: many }))
    expect(result.outcome).toBe('dry-run')
    expect(result.detail).toMatch(/^would end 200 processes .* and 195 more$/)
    expect(isAlive(pid)).toBe(true)
  })

  it('nothing is to be done for none', async () => {
    expect(await endAll(action([]))).toEqual({ outcome: 'skipped', detail: 'there is no process to end' })
  })
})

it('a long wait costs little: a tenth of the time at most goes into scans', async () => {
  const { pid, pids } = startFamily(deaf)
  await pids(1)
  const before = process.cpuUsage()
  await endAll(action([pid], { graceMs: 2000, newcomers: { sessions: [pid] } }))
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(1)
  expect(spawnSync('true').status).toBe(0)
})
