import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { bundleWithCalls } from '../../support/bundle-with-calls.ts'
import { type Ran, ran } from '../../support/healing.ts'
import { hasFuse } from '../../support/needs.ts'
import { until } from '../../support/process-family.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'

// A FUSE server that is stopped answers nobody, as a dead NFS server does. Needs root, /dev/fuse and bindfs(1).
const top = tempFolder('silent')
const fast = hasFuse ? bundleWithCalls(join(top, 'fast')) : ''
const plain = hasFuse ? bundle('../src/cli.ts', top) : ''

/** With a stale file, or with so many folders of so many. */
const mounted = async (
  at: string,
  source = mkdtempSync(join(top, 'source-')),
  folders = 0,
  files = 0,
): Promise<ChildProcess> => {
  if (folders === 0) {
    writeFileSync(join(source, 'held'), 'x')
    utimesSync(join(source, 'held'), 0, 0)
  }
  for (let f = 0; f < folders; f++) {
    mkdirSync(join(source, `in/d${f}`), { recursive: true })
    for (let i = 0; i < files; i++) {
      writeFileSync(join(source, `in/d${f}/${i}`), '')
      utimesSync(join(source, `in/d${f}/${i}`), 0, 0)
    }
  }
  const server = spawn('bindfs', ['-f', source, at], { stdio: 'ignore' })
  onTestFinished(() => {
    server.kill('SIGCONT')
    server.kill('SIGKILL')
    spawnSync('umount', ['-l', at])
  })
  while (!readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${at} `))
    await new Promise((resolve) => setTimeout(resolve, 10))
  return server
}

/**
 * A run over 2,000 files whose server gets the signal in the middle; another one, with a mount of its own, where all but those that are
 * kept were gone before this process had its turn.
 */
const struck = async (signal: NodeJS.Signals, kept: number, start: (at: string) => Promise<Ran>) => {
  for (;;) {
    const [at, source] = [mkdtempSync(join(top, 'mount-')), mkdtempSync(join(top, 'source-'))]
    const server = await mounted(at, source, 100, 20)
    const count = () =>
      (readdirSync(source, { recursive: true }) as string[]).filter((name) => /\/\d+$/.test(name)).length
    const startedAtMs = performance.now()
    const running = start(at)
    await until(() => count() < 2_000)
    server.kill(signal)
    const isInTheMiddle = count() > kept
    if (!isInTheMiddle) server.kill('SIGCONT')
    const ended = await running
    if (isInTheMiddle) return { ended, tookMs: performance.now() - startedAtMs, server, count }
  }
}

describe.skipIf(!hasFuse).each([
  ['with system calls of its own', fast],
  ['with Node alone', plain],
])('a mount that answers nobody, cleanup-tmp %s', (_, program) => {
  it('neither holds it up nor is entered; a rule on it is status 3', async () => {
    const folder = mkdtempSync(join(top, 'place-'))
    const tmp = join(folder, 'tmp')
    const at = join(tmp, 'mount')
    mkdirSync(at, { recursive: true })
    writeFileSync(join(tmp, 'stale'), 'x')
    utimesSync(join(tmp, 'stale'), 0, 0)
    const server = await mounted(at)
    // In a pid namespace of its own, all of which root sees; with a process that has a file there open.
    const clean = (path: string): Promise<{ code: number; text: string }> =>
      new Promise((resolve) => {
        // Not held by the shell: each of its children would flush the file when it closes it, and wait for the answer.
        const script =
          '( exec 3<"$1/held"; echo held; exec sleep 600 ) & shift; read -r go; timeout -s KILL 100 "$@"; echo "end $?"'
        const argv = [process.execPath, program, 'cleanup-tmp', '--json', '--by', 'mtime']
        const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
        const child = spawn(
          'unshare',
          ['--pid', '--fork', '--mount-proc', 'sh', '-c', script, 'sh', at, ...argv, ...places, path],
          { stdio: ['pipe', 'pipe', 'inherit'] },
        )
        let text = ''
        child.stdout.on('data', (chunk) => {
          if (text === '') {
            server.kill('SIGSTOP')
            child.stdin.write('go\n')
          }
          text += chunk
          // What it has left behind in a sleep that no signal ends would keep the namespace.
          if (/^end /m.test(text)) server.kill('SIGCONT')
        })
        child.on('close', () => {
          const [, json = '', code] = /^held\n(.*)end (\d+)\n$/s.exec(text) ?? []
          resolve({ code: Number(code), text: json })
        })
      })
    const around = await clean(tmp)
    expect(around.code).toBe(0)
    expect(JSON.parse(around.text)).toMatchObject({
      removed: 1,
      skipped: [{ path: at, reason: 'something is mounted there' }],
    })
    expect(readdirSync(tmp)).toEqual(['mount'])
    const link = join(folder, 'link')
    symlinkSync(at, link)
    for (const path of [at, link]) {
      const on = await clean(path)
      expect(on.code).toBe(3)
      expect(JSON.parse(on.text)).toMatchObject({ status: 'unknown', removed: 0 })
    }
  })

  it('nor does one that is mounted in another mount namespace', async () => {
    const folder = mkdtempSync(join(top, 'place-'))
    const [tmp, at] = [join(folder, 'tmp'), join(folder, 'at')]
    for (const path of [tmp, at, join(folder, 'source')]) mkdirSync(path)
    for (const path of [join(tmp, 'stale'), join(folder, 'source/held')]) {
      writeFileSync(path, 'x')
      utimesSync(path, 0, 0)
    }
    const container = `bindfs -f "$1/source" "$1/at" & server=$!
      until [ -e "$1/at/held" ]; do sleep 0.05; done
      ( exec 3<"$1/at/held"; kill -STOP $server; echo >"$1/ready"; exec sleep 600 )`
    const script = `unshare -m --propagation private sh -c '${container}' sh "$1" </dev/null >/dev/null 2>&1 &
      until [ -e "$1/ready" ]; do sleep 0.05; done
      shift; timeout -s KILL 100 "$@"`
    const { code, stdout } = await ran([
      ...['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', script, 'sh', folder],
      ...[process.execPath, program, 'cleanup-tmp', '--json', '--by', 'mtime'],
      ...['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l'), tmp],
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ removed: 1, notDone: [] })
  })

  it('one that stops answering in the middle of a rule is status 3 in time, and done by a later run', async () => {
    // By a sweep in one go, and by a list of all.
    const key = program === fast ? '' : 'keep_newest: 1, '
    const folder = mkdtempSync(join(top, 'place-'))
    const config = join(folder, 'config.yaml')
    const local = join(folder, 'local')
    mkdirSync(local)
    const clean = (timeout: string) => {
      const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
      return ran([
        ...[process.execPath, program, 'cleanup-tmp', '--json', '-c', config],
        ...['--timeout', timeout, ...places],
      ])
    }
    const begin = (at: string) => {
      writeFileSync(join(local, 'stale'), 'x')
      utimesSync(join(local, 'stale'), 0, 0)
      // The one that stops is named first, and the other is done all the same.
      const rules = [
        `{ path: ${at}/in, ${key}age_by: mtime, keep_open: false }`,
        `{ path: ${local}, age_by: mtime, keep_open: false }`,
      ]
      writeFileSync(config, `cleanup: [ ${rules.join(', ')} ]\n`, { mode: 0o600 })
      return clean('14s')
    }
    const kept = key === '' ? 0 : 1
    const { ended: stopped, tookMs, server, count } = await struck('SIGSTOP', kept, begin)
    const document = JSON.parse(stopped.stdout)
    expect(validateDocument(document)).toEqual([])
    expect(stopped.code).toBe(3)
    // As long as the server stands still nothing else would end it.
    expect(tookMs).toBeLessThan(60_000)
    expect(document.notDone).toEqual([
      expect.stringMatching(/mount-\w+\/in: its file system stopped answering in the middle/),
    ])
    expect(readdirSync(local)).toEqual([])
    const left = count()
    expect(left).toBeGreaterThan(0)
    // The next run is not held up, neither by the server nor by what the first has left behind.
    expect(JSON.parse((await clean('20s')).stdout)).toMatchObject({ status: 'unknown', removed: 0 })
    server.kill('SIGCONT')
    await until(() => server.exitCode === null && count() <= left)
    const last = await clean('50s')
    expect(last.code).toBe(0)
    expect(count()).toBe(kept)
  })

  it('one whose server had ended before is told of, and the other rules are done', async () => {
    const [folder, at] = [mkdtempSync(join(top, 'place-')), mkdtempSync(join(top, 'mount-'))]
    const server = await mounted(at)
    server.kill('SIGKILL')
    await until(() => server.signalCode !== null)
    const local = join(folder, 'local')
    mkdirSync(local)
    writeFileSync(join(local, 'stale'), 'x')
    utimesSync(join(local, 'stale'), 0, 0)
    const rules = [`${at}/in`, at, local].map((path) => `{ path: ${path}, age_by: mtime, keep_open: false }`)
    const config = join(folder, 'config.yaml')
    writeFileSync(config, `cleanup: [ ${rules.join(', ')} ]\n`, { mode: 0o600 })
    const clean = (...args: string[]) =>
      ran([
        ...[process.execPath, program, 'cleanup-tmp', '--json', '-c', config],
        ...['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l'), ...args],
      ])
    const { code, stdout } = await clean()
    const document = JSON.parse(stdout)
    expect(code).toBe(1)
    const why = expect.stringMatching(/ENOTCONN/)
    expect(document).toMatchObject({
      removed: 1,
      failed: [`${at}/in`, at].map((path) => ({ path, error: why })),
    })
    expect(readdirSync(local)).toEqual([])
    expect(await clean(at)).toMatchObject({ code: 2, stdout: why })
  })

  it('one whose server dies in the middle is told of, and the run ends', async () => {
    const folder = mkdtempSync(join(top, 'place-'))
    const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
    const { ended, count } = await struck('SIGKILL', 0, (at) =>
      ran([
        ...[process.execPath, program, 'cleanup-tmp', `${at}/in`, '--json'],
        ...['--by', 'mtime', '--no-keep-open', ...places],
      ]),
    )
    const { code, stdout } = ended
    const document = JSON.parse(stdout)
    expect(code, stdout).toBe(1)
    // Of the last ones the answer may have died with the server.
    const untold = 2_000 - count() - document.removed
    expect([0, 1, 2]).toContain(untold)
    expect(document.failed[0].error).toMatch(/ENOTCONN|ECONNABORTED/)
  })
})
