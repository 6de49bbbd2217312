import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProcessReader } from '../../../src/commands/orphans/process-reader.ts'
import type { ProcessStat } from '../../../src/core/facts.ts'
import { makeFiles } from '../../../src/host/files.ts'
import type { Host } from '../../../src/host/host.ts'
import { makeProcesses } from '../../../src/host/processes.ts'
import { liveBase } from '../../support/bases.ts'
import { capturedHost, manyProcesses } from '../../support/captured-host.ts'
import { isRoot } from '../../support/needs.ts'
import { allSeen, isAlive, seen, startFamily, until } from '../../support/process-family.ts'

const host = { files: makeFiles(liveBase), processes: makeProcesses(liveBase) } as unknown as Host
const readerOf = (known = new Map<number, ProcessStat>()) => makeProcessReader(host, known)
const lineOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')

describe('what is read of real processes', () => {
  it.runIf(isRoot)('tells a fork of its parent from a program that the parent has started', async () => {
    const family = startFamily('(while :; do sleep 1; done) & echo $!; tail -f /dev/null & echo $!; wait')
    const [fork = 0, program = 0] = await family.pids(2)
    await until(() => lineOf(program).startsWith('tail'))
    expect(seen(fork)?.ppid).toBe(family.pid)
    const { startOfStack } = readerOf()
    expect(startOfStack(fork)).toMatch(/^\d+$/)
    expect(startOfStack(fork)).toBe(startOfStack(family.pid))
    expect(startOfStack(program)).not.toBe(startOfStack(family.pid))
    expect(startOfStack(999_999_999)).toBe(null)
  })

  it('one that ends before it was read is not read; what was read of it is kept', async () => {
    const family = startFamily('echo $$; exec sleep 1000')
    await family.pids(1)
    await until(() => lineOf(family.pid).startsWith('sleep'))
    const [early, late, later] = [readerOf(), readerOf(), readerOf()]
    expect(early.readAll(family.pid)).toBe(true)
    for (const reader of [late, later]) expect(reader.refresh(family.pid)).toBe(true)
    process.kill(family.pid, 'SIGKILL')
    await until(() => !isAlive(family.pid))
    expect(late.readAll(family.pid)).toBe(false)
    expect(later.readLine(family.pid)).toBe(false)
    expect(early.readLine(family.pid)).toBe(true)
    expect(early.commandLine(family.pid)).toBe('sleep 1000')
    expect(early.readAll(999_999_999)).toBe(false)
  })

  it.runIf(isRoot)('tells who is in a pid namespace of his own', async () => {
    const child = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sleep', '1000'], { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    const below = () => allSeen().find(({ ppid }) => ppid === child.pid)?.pid ?? -1
    await until(() => below() > 0)
    const { isOfHere, details } = readerOf()
    expect(host.processes.isInOwnPidNamespace(process.pid)).toEqual({ kind: 'value', value: true })
    expect([isOfHere(process.pid), isOfHere(child.pid ?? -1), isOfHere(below())]).toEqual([true, true, false])
    expect(details(below()).namespacePids).toHaveLength(2)
    expect(isOfHere(999_999_999)).toBe(null)
  })

  it('one whose main thread has ended, and others go on, tells what it runs and holds by these', async () => {
    const script = `
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(600)).start()
ctypes.CDLL(None).pthread_exit(None)
`
    const child = spawn('python3', ['-c', script, 'a-word'], { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    const pid = child.pid ?? -1
    await until(() => seen(pid)?.state === 'Z')
    expect(lineOf(pid)).toBe('')
    const known = new Map<number, ProcessStat>()
    const reader = readerOf(known)
    expect(reader.readAll(pid)).toBe(true)
    expect(known.get(pid)).toMatchObject({ state: 'Z', threads: 2, rssBytes: 0 })
    expect(reader.commandLine(pid)).toMatch(/python3? -c .* a-word$/s)
    expect(reader.executable(pid)).toMatchObject({ kind: 'value', value: expect.stringContaining('python') })
    const { memory, uid, namespacePids } = reader.details(pid)
    expect(memory?.rssBytes).toBeGreaterThan(2 ** 20)
    expect(uid).toBe(process.getuid?.())
    expect(namespacePids[0]).toBe(pid)
  })

  it('of one whose threads cannot be listed the memory is not known, and not 0', () => {
    const leader = { pid: 2000, comm: 'app', state: 'Z', threads: 3, uid: 33, args: [] }
    const captured = capturedHost({ files: manyProcesses(leader) })
    const scan = captured.processes.scan()
    const stats = scan.kind === 'value' ? scan.value.processes : []
    const reader = makeProcessReader(captured, new Map(stats.map((stat) => [stat.pid, stat])))
    expect(reader.details(2000)).toMatchObject({ memory: null, uid: 33 })
  })

  it('one that had ended before it was first looked at has nobody left to hand on to', async () => {
    const family = startFamily('sleep 1001 & echo $!; exec sleep 1000')
    const [zombie = 0] = await family.pids(1)
    // The shell, which would reap it, has become a sleep.
    await until(() => lineOf(family.pid).startsWith('sleep'))
    process.kill(zombie, 'SIGKILL')
    await until(() => seen(zombie)?.state === 'Z')
    const reader = readerOf()
    expect(reader.readAll(zombie)).toBe(false)
    expect(reader.readAll(zombie)).toBe(true)
    expect(reader.readLine(zombie)).toBe(true)
  })
})
