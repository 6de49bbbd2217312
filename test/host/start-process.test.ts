import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ActionResult, StartProcessAction } from '../../src/core/action.ts'
import { makeApply } from '../../src/host/apply.ts'
import { makeRun } from '../../src/host/exec.ts'
import { makeHttp } from '../../src/host/http.ts'
import { startProcessChange } from '../../src/host/start-process.ts'
import { liveBase } from '../support/bases.ts'
import { identityOf, inSession, isAlive, seen, until } from '../support/process-family.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('start')
let count = 0
const started: { pid: number; startTicks: number }[] = []

afterEach(async () => {
  for (const { pid, startTicks } of started.splice(0)) {
    // Only what is still the process that was started.
    if (seen(pid)?.startTicks === startTicks) process.kill(pid, 'SIGKILL')
    for (const left of inSession(pid)) process.kill(left, 'SIGKILL')
    await until(() => !isAlive(pid))
  }
})

interface Wanted extends Partial<StartProcessAction> {
  /** For one that ends by itself: so long it may take on a busy machine; without it by way of apply, as always. */
  settleMs?: number
}

const start = async (
  argv: [string, ...string[]],
  { settleMs, ...more }: Wanted = {},
  dryRun = false,
): Promise<{ result: ActionResult; pidFile: string; outputFile: string }> => {
  const folder = join(top, String(count++))
  mkdirSync(folder)
  const files = { pidFile: join(folder, 'run/x.pid'), outputFile: join(folder, 'log/x.log'), ...more }
  const base = { ...liveBase, env: { ...process.env, SECRET: 'hush', HOME: '/root', LANG: 'C' } }
  const action: StartProcessAction = {
    kind: 'start-process',
    argv,
    words: argv.join(' '),
    ...files,
    reason: 'a test',
    ...more,
  }
  const apply = makeApply({ base, dryRun, run: makeRun(base), http: makeHttp(), log: () => {} })
  const result =
    settleMs === undefined ? await apply(action) : await startProcessChange(action, base, settleMs).perform()
  if (result.pid !== undefined) started.push(identityOf(result.pid))
  return { result, ...files }
}

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('a started process', () => {
  it('lives on detached, its pid on file, its output kept', async () => {
    const script = 'echo out; echo err >&2; env; pwd; read x || echo no stdin; exec sleep 1000'
    const before = process.umask(0o077)
    const { result, pidFile, outputFile } = await start(['sh', '-c', script])
    process.umask(before)
    const { pid = -1 } = result
    expect(result).toEqual({ outcome: 'done', detail: '', pid: expect.any(Number) })
    expect(readFileSync(pidFile, 'utf8')).toBe(`${pid}\n`)
    expect(seen(pid)).toMatchObject({ session: pid, ppid: process.pid })
    expect([modeOf(pidFile), modeOf(outputFile)]).toEqual([0o640, 0o640])
    await until(() => readFileSync(outputFile, 'utf8').includes('no stdin'))
    const lines = readFileSync(outputFile, 'utf8').trim().split('\n')
    expect(lines.filter((line) => !/^(PWD|SHLVL|OLDPWD|_)=/.test(line)).toSorted()).toEqual([
      '/',
      'HOME=/root',
      'LANG=C',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'err',
      'no stdin',
      'out',
    ])
  })

  it('appends to the output of the one before', async () => {
    const outputFile = join(top, 'kept.log')
    writeFileSync(outputFile, 'before\n')
    await start(['sh', '-c', 'echo after; exec sleep 1000'], { outputFile })
    await until(() => readFileSync(outputFile, 'utf8') === 'before\nafter\n')
  })

  it('gets its arguments as they are, without a shell', async () => {
    const odd = '$(touch /tmp/oh-never); `x` "y" \'z\' *'
    const { outputFile } = await start(['sh', '-c', 'echo "$1"; exec sleep 1000', 'sh', odd])
    await until(() => readFileSync(outputFile, 'utf8') === `${odd}\n`)
  })
})

describe('a start that failed says how', () => {
  it.each([
    [['sh', '-c', 'exit 3'], /^it ended at once with status 3; its output is in \//],
    [['sh', '-c', 'kill -SEGV $$'], /^it was ended by SIGSEGV at once/],
    [
      ['true'],
      /^it ended at once with status 0: a program that goes into the background must be told not to/,
    ],
    [['oh-no-such-program'], /^the program is not there or not in \/usr/],
    [['/etc/passwd'], /^the program may not be executed/],
    [['sleep', 'a\0b'], /could not be started \(ERR_INVALID_ARG_VALUE\)/],
  ] as [[string, ...string[]], RegExp][])('%j', async (argv, words) => {
    const { result, pidFile } = await start(argv, { settleMs: 100_000 })
    expect(result).toEqual({ outcome: 'failed', detail: expect.stringMatching(words) })
    expect(existsSync(pidFile)).toBe(false)
  })

  it('and its pid file cannot be written: then it does not begin', async () => {
    const open = join(top, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    const heard = join(top, 'heard')
    const { result } = await start(['sh', '-c', `echo $$ >${heard}; exec sleep 1000`], {
      pidFile: join(open, 'x.pid'),
    })
    expect(result.detail).toMatch(/is writable by everyone.*; it was not started/)
    expect(existsSync(heard)).toBe(false)
  })

  it('and a link or a folder is in the way: nothing is written through it', async () => {
    const victim = join(top, 'victim')
    const link = join(top, 'link')
    writeFileSync(victim, 'mine')
    symlinkSync(victim, link)
    for (const more of [{ pidFile: link }, { outputFile: link }, { pidFile: top }, { outputFile: top }]) {
      const { result } = await start(['sleep', '1000'], more)
      expect(result).toEqual({
        outcome: 'failed',
        detail: expect.stringMatching(/is (a symbolic link|no file)$/),
      })
    }
    expect(readFileSync(victim, 'utf8')).toBe('mine')
    rmSync(link)
  })
})

it('under --dry-run only says it', async () => {
  const { result, pidFile, outputFile } = await start(['sleep', '1000', '\u001b'], {}, true)
  expect(result).toEqual({ outcome: 'dry-run', detail: `would start sleep 1000 \\x1b (pid in ${pidFile})` })
  expect([existsSync(pidFile), existsSync(outputFile)]).toEqual([false, false])
})
