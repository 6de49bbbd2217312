import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { uptime } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { ProcessScan } from '../../src/core/facts.ts'
import type { Reading } from '../../src/core/reading.ts'
import { makeProcesses } from '../../src/host/processes.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { captureOf } from '../support/captured-folder.ts'
import { until } from '../support/process-family.ts'
import { startShell } from '../support/real-process.ts'
import { inMemory } from '../support/temp-folder.ts'

const live = () => makeProcesses(liveBase)

const scanned = (reading: Reading<ProcessScan>): ProcessScan => {
  if (reading.kind !== 'value') throw new Error(JSON.stringify(reading))
  return reading.value
}

const find = (pid: number) => scanned(live().scan()).processes.find((p) => p.pid === pid)

/** Or on its way there: it has only just said that it is ready. */
const asleep = /^[RS]$/

describe('scan of this machine', () => {
  it('has this very process, as the kernel tells it', () => {
    const processes = live()
    const scan = scanned(processes.scan())
    expect(scan.processes.find((p) => p.pid === process.pid)).toMatchObject({
      ppid: process.ppid,
      isKernelThread: false,
    })
    const rssBytes = find(process.pid)?.rssBytes ?? 0
    // Within a half: stat is approximate, and this process is at work.
    expect(rssBytes).toBeGreaterThan(process.memoryUsage.rss() / 2)
    expect(rssBytes).toBeLessThan(process.memoryUsage.rss() * 2)
  })

  it('is complete unless /proc hides something', () => {
    const mayHide = readFileSync('/proc/self/mountinfo', 'utf8').includes('hidepid=')
    const scan = scanned(live().scan())
    expect(scan.complete || mayHide).toBe(true)
  })

  it('is made once and kept', async () => {
    const processes = live()
    const before = scanned(processes.scan())
    const { pid } = await startShell('echo ready; read x')
    expect(scanned(processes.scan())).toBe(before)
    expect(find(pid)).toMatchObject({ ppid: process.pid, state: expect.stringMatching(asleep) })
  })

  it.each([
    ['foo) Z ', 'foo) Z '],
    ['()()())))', '()()())))'],
    ['a\\nb (c) S 1 2', 'a\nb (c) S 1 2'],
    ['caf\\351', 'caf\ufffd'],
    ['\\377\\376(', '\ufffd\ufffd('],
    ['caf\\303\\251', 'café'],
    // The kernel cuts after 15 bytes, here in the middle of the last é.
    ['\\303\\251\\303\\251\\303\\251\\303\\251\\303\\251\\303\\251\\303\\251\\303\\251', 'ééééééé\ufffd'],
    ['\\033[2J', '\u001b[2J'],
    ['a\\rUid:\\t0', 'a\rUid:\t0'],
    ['a\\nUid:\\t0\\t0', 'a\nUid:\t0\t0'],
  ])('takes a process named %j', async (octal, comm) => {
    const { pid } = await startShell(`printf '${octal}' > /proc/self/comm; echo ready; read x`)
    expect(find(pid)).toMatchObject({
      pid,
      ppid: process.pid,
      comm,
      state: expect.stringMatching(asleep),
      threads: 1,
    })
    expect(live().memory(pid)).toMatchObject({ value: { uid: process.getuid?.(), threads: 1 } })
  })

  it('leaves out processes that end while it looks', async () => {
    await startShell('echo ready; while :; do /bin/true & /bin/true & wait; done')
    for (let i = 0; i < 50; i++) {
      const { processes, complete } = scanned(live().scan())
      expect(new Set(processes.map((p) => p.pid)).size).toBe(processes.length)
      expect(processes.some((p) => p.pid === process.pid)).toBe(true)
      expect(complete).toBe(scanned(live().scan()).complete)
    }
  })

  it('fails when no file descriptor is left, instead of finding nobody', async () => {
    const script = bundle('host/child/scan-without-descriptors.ts', captureOf({}).root)
    const few = ['-c', 'ulimit -n 64; exec "$0" "$1"', process.execPath, script]
    const out = execFileSync('/bin/sh', few, { encoding: 'utf8' })
    expect(JSON.parse(out)).toEqual([
      { kind: 'failed', cause: 'io', what: '/proc', detail: expect.stringContaining('EMFILE') },
      'value',
    ])
  })
})

describe('one process of this machine', () => {
  it('has its arguments, odd ones too', async () => {
    const { pid } = await startShell('echo ready; read x', 'zero', '', 'a b', '\u001b[2J\n', 'é')
    expect(live().commandLine(pid)).toEqual({
      kind: 'value',
      value: '/bin/sh -c echo ready; read x zero  a b \u001b[2J\n é',
    })
  })

  it('has no more of them than 32 KiB', async () => {
    const { pid } = await startShell('echo ready; read x', 'x'.repeat(100_000))
    const line = live().commandLine(pid)
    expect(line.kind === 'value' && line.value.length).toBe(32 * 1024)
  })

  it('has its program, memory and open files', async () => {
    const { pid } = await startShell('echo ready; read x')
    expect(live().executable(pid)).toMatchObject({ value: expect.stringMatching(/sh$/) })
    expect(live().openFiles(pid)).toEqual({ kind: 'value', value: readdirSync(`/proc/${pid}/fd`).length })
    const memory = live().memory(pid)
    if (memory.kind !== 'value') throw new Error(memory.what)
    const { rssBytes, anonBytes, fileBytes, shmemBytes } = memory.value
    expect(rssBytes).toBeGreaterThan(0)
    expect(anonBytes + fileBytes + shmemBytes).toBe(rssBytes)
  })

  it('that is a zombie has no arguments, no program and no memory', async () => {
    // The child ends only once its parent is a program that reaps nobody; a shell may do so between two commands.
    const child = 'until read -r comm < /proc/$PPID/comm && [ "$comm" = sleep ]; do sleep 0.01; done'
    const { said } = await startShell(`/bin/sh -c '${child}' & echo $!; exec sleep 60`)
    const zombie = Number(said)
    await until(() => find(zombie)?.state === 'Z')
    expect(live().commandLine(zombie)).toEqual({ kind: 'value', value: '' })
    expect(live().executable(zombie)).toMatchObject({ kind: 'absent' })
    expect(live().memory(zombie)).toMatchObject({ value: { rssBytes: 0, anonBytes: 0 } })
  })

  it('that is gone has vanished', async () => {
    const shell = await startShell('echo ready; read x')
    await shell.end()
    const processes = live()
    for (const reading of [
      processes.commandLine(shell.pid),
      processes.executable(shell.pid),
      processes.memory(shell.pid),
      processes.openFiles(shell.pid),
    ]) {
      expect(reading).toMatchObject({ kind: 'failed', cause: 'vanished' })
    }
    expect(find(shell.pid)).toBeUndefined()
  })

  it.skipIf(process.getuid?.() !== 0)('of another user is denied to who is not root (needs root)', () => {
    process.seteuid?.(65_534)
    try {
      expect(live().executable(1)).toMatchObject({ kind: 'failed', cause: 'denied', what: '/proc/1/exe' })
    } finally {
      process.seteuid?.(0)
    }
  })

  it('tells when this boot began, and the clock tick', () => {
    const boot = live().bootAtMs()
    if (boot.kind !== 'value') throw new Error(boot.what)
    expect(Math.abs(boot.value - (Date.now() - uptime() * 1000))).toBeLessThan(5000)
    expect(live().ticksPerSecond).toBe(Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })))
  })
})

const statLine = (pid: number, comm = 'sleep', rssPages = 100): string =>
  `${pid} (${comm}) S 1 1 1 0 -1 4194304 130 0 0 0 7 5 0 0 20 0 1 0 157053 2990080 ${rssPages} 18446744073709551615 0\n`

const mountinfo = (options: string): string => `22 27 0:21 / /proc rw - proc proc rw${options}\n`
const statusOf = (gid: number, capabilities: string): string =>
  `Name:\tcp\nUid:\t${gid}\t${gid}\t${gid}\t${gid}\nGid:\t${gid}\t${gid}\t${gid}\t${gid}\nGroups:\t27 \nThreads:\t1\nCapEff:\t${capabilities}\n`

const ofUser = statusOf(1000, '0000000000000000')
const ofRoot = statusOf(0, '000001ffffffffff')

describe('scan of a captured host', () => {
  it('has its processes', () => {
    const base = captureOf({
      '/proc/1/stat': statLine(1, 'init'),
      '/proc/77/stat': statLine(77, 'foo) Z '),
      '/proc/version': 'Linux',
      '/proc/77a/stat': statLine(78),
    })
    const scan = scanned(makeProcesses(base).scan())
    expect(scan.complete).toBe(true)
    expect(scan.processes.map((p) => [p.pid, p.comm, p.rssBytes])).toEqual([
      [1, 'init', 409_600],
      [77, 'foo) Z ', 409_600],
    ])
  })

  it('counts pages as that machine does', () => {
    const auxv = Buffer.alloc(48)
    ;[6n, 16_384n, 17n, 250n].forEach((word, i) => void auxv.writeBigUInt64LE(word, i * 8))
    const processes = makeProcesses(captureOf({ '/proc/1/stat': statLine(1), '/proc/self/auxv': auxv }))
    expect(scanned(processes.scan()).processes[0]?.rssBytes).toBe(100 * 16_384)
    expect(processes.ticksPerSecond).toBe(250)
  })

  it('leaves out a process of which only the folder is left', () => {
    const base = captureOf({ '/proc/1/stat': statLine(1), '/proc/2/status': 'Name:\tgone\n' })
    expect(scanned(makeProcesses(base).scan())).toMatchObject({ processes: [{ pid: 1 }], complete: true })
  })

  it('is not complete where a process makes no sense', () => {
    const base = captureOf({ '/proc/1/stat': statLine(1), '/proc/2/stat': '', '/proc/3': 'no folder' })
    expect(scanned(makeProcesses(base).scan())).toMatchObject({ processes: [{ pid: 1 }], complete: false })
  })

  it('never opens what is no plain file', () => {
    const base = captureOf({ '/proc/1/stat': statLine(1) })
    for (const pid of [2, 3, 4]) mkdirSync(`${base.root}/proc/${pid}`)
    execFileSync('mkfifo', [`${base.root}/proc/2/stat`])
    mkdirSync(`${base.root}/proc/3/stat`)
    symlinkSync('/proc/4/stat', `${base.root}/proc/4/stat`)
    expect(scanned(makeProcesses(base).scan())).toMatchObject({ processes: [{ pid: 1 }], complete: false })
  })

  it('is not led out of its folder by a link in place of a process', () => {
    const outside = captureOf({ '/9/stat': statLine(9, 'outside') })
    const base = captureOf({ '/proc/1/stat': statLine(1) })
    symlinkSync(`${outside.root}/9`, `${base.root}/proc/9`)
    expect(scanned(makeProcesses(base).scan()).processes).toMatchObject([{ pid: 1 }])
  })

  it.each([
    ['hidden from a user', ',hidepid=invisible', ofUser, false],
    ['hidden from a user, as kernels before 5.8 put it', ',hidepid=2', ofUser, false],
    ['files hidden from a user', ',hidepid=noaccess', ofUser, false],
    ['what cannot be traced hidden from a user', ',hidepid=ptraceable', ofUser, false],
    ['the user’s group is exempt', ',gid=27,hidepid=invisible', ofUser, true],
    ['root', ',hidepid=invisible', ofRoot, true],
    ['nothing hidden', '', ofUser, true],
    ['nobody knows who captured it, but process 1 is there', ',hidepid=2', null, true],
  ])('%s', (_, options, status, complete) => {
    const base = captureOf({
      '/proc/1/stat': statLine(1),
      '/proc/self/mountinfo': mountinfo(options),
      ...(status === null ? {} : { '/proc/self/status': status }),
    })
    expect(scanned(makeProcesses(base).scan()).complete).toBe(complete)
  })

  it('is not complete where processes are hidden and the first one is', () => {
    const base = captureOf({
      '/proc/77/stat': statLine(77),
      '/proc/self/mountinfo': mountinfo(',hidepid=2'),
    })
    expect(scanned(makeProcesses(base).scan()).complete).toBe(false)
  })

  it('is absent on a disk of which no process was captured', () => {
    expect(makeProcesses(captureOf({ '/proc/stat': 'btime 5\n' })).scan()).toMatchObject({
      kind: 'absent',
    })
    expect(makeProcesses(captureOf({})).scan()).toMatchObject({ kind: 'absent' })
  })

  it('reads 10,000 processes', () => {
    const pids = Array.from({ length: 10_000 }, (_, i) => i + 1)
    const files = Object.fromEntries(pids.map((pid) => [`/proc/${pid}/stat`, statLine(pid, `p${pid}`)]))
    const scan = scanned(makeProcesses(captureOf(files, inMemory(20_000))).scan())
    expect(scan.complete).toBe(true)
    expect(scan.processes.map((p) => p.pid).sort((a, b) => a - b)).toEqual(pids)
  })
})

describe('one process of a captured host', () => {
  it('has what was captured of it', () => {
    const base = captureOf({
      '/proc/stat': 'cpu  1 2 3 4\nbtime 1000\n',
      '/proc/5/cmdline': 'python3\0-m\0http.server\0\0\0',
      '/proc/5/status': 'Name:\tpython3\nUid:\t33\t33\t33\t33\nVmRSS:\t    4 kB\nThreads:\t2\n',
      '/proc/5/fd/0': '',
      '/proc/5/fd/1': '',
    })
    symlinkSync('/usr/bin/python3', `${base.root}/proc/5/exe`)
    const processes = makeProcesses(base)
    expect(processes.commandLine(5)).toEqual({ kind: 'value', value: 'python3 -m http.server' })
    expect(processes.executable(5)).toEqual({ kind: 'value', value: '/usr/bin/python3' })
    expect(processes.openFiles(5)).toEqual({ kind: 'value', value: 2 })
    expect(processes.memory(5)).toMatchObject({
      value: { rssBytes: 4096, anonBytes: 4096, uid: 33, threads: 2 },
    })
    expect(processes.bootAtMs()).toEqual({ kind: 'value', value: 1_000_000 })
    expect(processes.ticksPerSecond).toBe(100)
  })

  it('has no program where none was captured', () => {
    expect(makeProcesses(captureOf({ '/proc/2/stat': statLine(2) })).executable(2)).toMatchObject({
      kind: 'absent',
    })
  })

  it('cuts a line of NULs and nonsense in no time', () => {
    const cmdline = Buffer.concat([Buffer.alloc(30_000), Buffer.from([0xff, 0x61])])
    const reading = makeProcesses(captureOf({ '/proc/2/cmdline': cmdline })).commandLine(2)
    expect(reading).toEqual({ kind: 'value', value: `${' '.repeat(30_000)}\ufffda` })
  })
})
