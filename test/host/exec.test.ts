import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import type { HostBase } from '../../src/host/base.ts'
import { makeRun } from '../../src/host/exec.ts'

const folder = mkdtempSync(join(tmpdir(), 'oh-exec-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const base = (env: HostBase['env'] = process.env): HostBase => ({
  root: '/',
  live: true,
  uid: process.getuid?.() ?? 0,
  pid: process.pid,
  env,
  at: (path) => path,
})
const run = makeRun(base())

const shell = (script: string, options: Parameters<typeof run>[1] = {}) => run(['sh', '-c', script], options)

/** Processes alive (zombies are not) whose command line holds the text. */
const alive = (marker: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(marker)) return false
        return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
      } catch {
        return false
      }
    })
    .map(Number)

const killAll = (marker: string): void => {
  for (const pid of alive(marker))
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It was between a fork and the program it becomes, and has ended by now.
    }
}

let count = 0
const newMarker = (): string => `oh-marker-${process.pid}-${count++}-end`

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

describe('run', () => {
  it('gives output and exit status', async () => {
    const end = await shell('echo out; echo err >&2; exit 3')
    expect(end).toEqual({
      kind: 'value',
      value: { exitCode: 3, signal: null, stdout: 'out\n', stderr: 'err\n', truncated: false },
    })
  })

  it('tells the signal a program died of', async () => {
    const end = await shell('kill -SEGV $$')
    expect(end).toMatchObject({ kind: 'value', value: { exitCode: null, signal: 'SIGSEGV' } })
  })

  it('passes arguments as they are, without a shell', async () => {
    const end = await run(['printf', '%s|', '$HOME; `id`', '*', 'a\nb', ''])
    expect(end).toMatchObject({ value: { stdout: '$HOME; `id`|*|a\nb||' } })
  })

  it('closes stdin, or feeds it', async () => {
    expect(await run(['cat'])).toMatchObject({ value: { exitCode: 0, stdout: '' } })
    expect(await run(['cat'], { input: 'ein\nTüpfel' })).toMatchObject({ value: { stdout: 'ein\nTüpfel' } })
  })

  it('does not mind a program that reads none of its input', async () => {
    const end = await run(['true'], { input: 'x'.repeat(1_000_000) })
    expect(end).toMatchObject({ kind: 'value', value: { exitCode: 0 } })
  })

  it('replaces bytes that are no UTF-8', async () => {
    expect(await shell("printf 'a\\377b'")).toMatchObject({ value: { stdout: 'a\ufffdb' } })
  })

  it('says when a program is not there', async () => {
    expect(await run(['oratio-no-such-tool'])).toMatchObject({ kind: 'failed', cause: 'tool-missing' })
    expect(await run([join(folder, 'no-such-tool')])).toMatchObject({ kind: 'failed', cause: 'tool-missing' })
  })

  it('says when a program may not be executed', async () => {
    const file = join(folder, 'plain')
    writeFileSync(file, '#!/bin/sh\n')
    chmodSync(file, 0o644)
    expect(await run([file])).toMatchObject({ kind: 'failed', cause: 'denied' })
  })

  it.each([
    ['a NUL in an argument', ['echo', 'a\0b']],
    ['an empty name', ['']],
    ['more arguments than the kernel takes', ['echo', 'x'.repeat(3_000_000)]],
  ])('fails on %s', async (_, argv) => {
    expect(await run(argv as [string])).toMatchObject({ kind: 'failed' })
  })

  it('cuts long output, says so, and lets the program end by itself', async () => {
    const end = await shell('head -c 10000000 /dev/zero; exit 5', { maxOutputBytes: 1000 })
    expect(end).toMatchObject({ value: { exitCode: 5, truncated: true } })
    expect(end.kind === 'value' && end.value.stdout.length).toBe(1000)
  })

  it('reads all of what stays below the cap', async () => {
    const end = await shell('head -c 1000000 /dev/zero', { maxOutputBytes: 1_000_000 })
    expect(end.kind === 'value' && [end.value.stdout.length, end.value.truncated]).toEqual([1_000_000, false])
  })
})

describe('a program that does not end', () => {
  it('is ended at the time-out', async () => {
    const marker = newMarker()
    const end = await shell(`sleep 600; : ${marker}`, { timeoutMs: 300 })
    expect(end).toMatchObject({ kind: 'failed', cause: 'timeout', what: 'sh' })
    await until(() => alive(marker).length === 0)
  })

  it('is killed when it ignores SIGTERM, and so is what it started', async () => {
    const marker = newMarker()
    const stubborn = "trap '' TERM; while :; do sleep 0.1; done"
    const startedAt = performance.now()
    // By then they have begun to ignore it, on a busy machine too.
    const end = await shell(`trap '' TERM; sh -c "${stubborn}" ${marker} & ${stubborn} # ${marker}`, {
      timeoutMs: 4000,
    })
    expect(end).toMatchObject({ kind: 'failed', cause: 'timeout' })
    expect(performance.now() - startedAt).toBeGreaterThan(4900)
    await until(() => alive(marker).length === 0)
  })

  it('leaves no child behind that ignores SIGTERM and has closed the pipes', async () => {
    const marker = newMarker()
    const child = `sh -c "trap '' TERM; while :; do sleep 0.1; done" ${marker} >/dev/null 2>&1`
    expect(await shell(`${child} & sleep 600`, { timeoutMs: 1000 })).toMatchObject({ cause: 'timeout' })
    await until(() => alive(marker).length === 0)
  })

  it('cannot hold the call by a child in a session of its own that keeps the pipe', async () => {
    const marker = newMarker()
    const end = await shell(`setsid sh -c 'while :; do sleep 0.1; done' ${marker} & sleep 600`, {
      timeoutMs: 300,
    })
    expect(end).toMatchObject({ kind: 'failed', cause: 'timeout' })
    killAll(marker)
  })
})

describe('a program that leaves a daemon with its pipe', () => {
  it('gives its output at once and spares the daemon', async () => {
    const marker = newMarker()
    // Perl, since a shell that starts a program is two of its name for a moment.
    const script = `perl -e 'sleep 600' ${marker} & head -c 60000 /dev/zero; exit 4`
    const end = await run(['sh', '-c', script], { timeoutMs: 200_000 })
    const daemons = alive(marker).filter((pid) => pid !== process.pid)
    killAll(marker)
    expect(end).toMatchObject({ kind: 'value', value: { exitCode: 4, truncated: false } })
    expect(end.kind === 'value' && end.value.stdout.length).toBe(60_000)
    expect(daemons).toHaveLength(1)
  })
})

describe('the environment', () => {
  const environmentOf = async (env: HostBase['env']) => {
    const end = await makeRun(base(env))(['env'])
    const lines = end.kind === 'value' ? end.value.stdout.trim().split('\n') : []
    return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]))
  }

  it('has the C locale, no secrets, and the folders that cron leaves out', async () => {
    const env = await environmentOf({
      PATH: '/opt/x:.::bin:/usr/bin',
      HOME: '/root',
      LANG: 'de_DE.UTF-8',
      RPC_PASSWORD: 'hunter2',
      DOCKER_HOST: 'unix:///x',
    })
    expect(env).toEqual({
      HOME: '/root',
      DOCKER_HOST: 'unix:///x',
      LC_ALL: 'C',
      PATH: '/opt/x:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin:/snap/bin',
    })
  })

  it('finds tools without any PATH, and works where the current folder was removed', async () => {
    expect(await makeRun(base({}))(['cat', '/dev/null'])).toMatchObject({
      kind: 'value',
      value: { exitCode: 0 },
    })
    expect(await run(['pwd'])).toMatchObject({ value: { stdout: '/\n' } })
  })
})

describe('the end of our own process', () => {
  it('ends what still runs', async () => {
    const marker = newMarker()
    const ready = join(folder, 'ready')
    const source = `
      import { existsSync } from 'node:fs'
      import { makeRun } from './src/host/exec.ts'
      const run = makeRun({ root: '/', live: true, uid: 0, pid: 1, env: process.env, at: (path) => path })
      run(['sh', '-c', 'touch ${ready}; sleep 600; : ${marker}'])
      setInterval(() => existsSync('${ready}') && process.exit(0), 10)`
    const program = join(folder, 'program.cjs')
    await build({
      stdin: { contents: source, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: program,
      define: { 'import.meta.url': '""' },
    })
    await once(spawn(process.execPath, [program], { stdio: 'inherit' }), 'exit')
    expect(existsSync(ready)).toBe(true)
    await until(() => alive(marker).length === 0)
  })
})

describe('a captured host', () => {
  it('runs nothing', async () => {
    const captured = makeRun({ ...base(), live: false, root: folder })
    expect(await captured(['touch', join(folder, 'touched')])).toEqual({ kind: 'absent', what: 'touch' })
    expect(existsSync(join(folder, 'touched'))).toBe(false)
  })
})
