import type { Readable, Writable } from 'node:stream'
import { absent, type Failed, failed, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import type { Host } from './host.ts'

const defaultTimeoutMs = 10_000
const defaultMaxOutputBytes = 1024 * 1024
const killAfterMs = 1000
/** How long output is still read after the program itself ended and a child of it keeps the pipe open. */
const drainMs = 250

/** cron gives `/usr/bin:/bin`; systemctl helpers, dmesg, sendmail and snap's docker live elsewhere. */
const usualFolders = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/snap/bin',
]

/** What a program may need of our environment; the rest may hold secrets of whoever started us. */
const passedOn = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TZ',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'CONTAINER_HOST',
]

/**
 * `run` of the live host. The program gets a process group (and session) of its own, so that a time-out ends what it
 * started too; it runs in `/` with few variables and no stdin. Output beyond the cap is read and dropped, so that a
 * talkative program still ends by itself. A non-zero exit is a value. Failures: `tool-missing`, `denied`, `timeout`,
 * `malformed` (arguments no program can be given), `io` (no memory or process left to start it).
 */
export const makeRun = (base: HostBase): Host['run'] => {
  if (!base.live) return async ([name]) => absent(name)
  return async (argv, options = {}) => {
    const { timeoutMs = defaultTimeoutMs, maxOutputBytes = defaultMaxOutputBytes } = options
    const started = await start(argv, environmentFor(base.env), options.input)
    if ('kind' in started) return started
    const { child } = started
    endWithUs(child.pid)
    const stdout = collect(child.stdout, maxOutputBytes)
    const stderr = collect(child.stderr, maxOutputBytes)
    const end = await waitForEnd(child, timeoutMs)
    isOver(child.pid)
    // Neither a child that cannot die (state D) nor one that holds the pipes keeps our own event loop alive.
    child.stdin?.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
    child.unref()
    if (end === 'timeout') return failed('timeout', argv[0], `did not end within ${timeoutMs} ms`)
    return value({
      ...end,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated() || stderr.truncated(),
    })
  }
}

interface Child {
  /** Also the id of its process group. */
  pid: number
  stdin: Writable | null
  stdout: Readable
  stderr: Readable
  once(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown
  once(event: 'close', listener: () => void): unknown
  unref(): void
}

/** The child is wrapped, since execa's can be awaited, and that would be to wait for its end. */
const start = async (
  argv: readonly [string, ...string[]],
  env: Record<string, string>,
  input: string | undefined,
): Promise<{ child: Child } | Failed> => {
  const { execa } = await import('execa')
  const [name, ...args] = argv
  try {
    const child = execa(name, args, {
      cwd: '/',
      env,
      extendEnv: false,
      detached: true,
      reject: false,
      buffer: false,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
    })
    if (child.pid !== undefined) return { child: child as typeof child & { pid: number } }
    const { code, originalMessage } = await child
    return notStarted(name, code, originalMessage)
  } catch (error) {
    // execa itself refuses, for example, a NUL in an argument.
    if (!(error instanceof TypeError)) throw error
    return failed('malformed', name, error.message.split('\n')[0] ?? '')
  }
}

interface End {
  exitCode: number | null
  signal: string | null
}

/** Settles at the latest `timeoutMs` + 1 s after the start, whatever the program and its children do. */
const waitForEnd = (child: Child, timeoutMs: number): Promise<End | 'timeout'> =>
  new Promise((resolve) => {
    let end: End | null = null
    let late = false
    const finish = () => {
      clearTimeout(timer)
      if (end) resolve(end)
    }
    const giveUp = () => {
      clearTimeout(timer)
      signalGroup(child.pid, 'SIGKILL')
      resolve('timeout')
    }
    let timer = setTimeout(() => {
      late = true
      signalGroup(child.pid, 'SIGTERM')
      timer = setTimeout(giveUp, killAfterMs)
    }, timeoutMs)
    child.once('exit', (exitCode, signal) => {
      end = { exitCode, signal }
      if (late) return
      clearTimeout(timer)
      // The poll phase between a timer and setImmediate empties the pipe (64 KiB), however late the timer came.
      timer = setTimeout(() => setImmediate(finish), drainMs)
    })
    // `close`: it ended and nobody holds its pipes.
    child.once('close', () => (late ? giveUp() : finish()))
  })

const signalGroup = (group: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-group, signal)
  } catch {
    // ESRCH: all of it ended. EPERM: a set-uid program; then the caller at least does not wait for it.
  }
}

const unfinished = new Set<number>()

/** Being in a session of its own, it would not get the terminal's or cron's signal. */
const endWithUs = (group: number): void => {
  if (unfinished.size === 0) process.once('exit', killUnfinished)
  unfinished.add(group)
}

const isOver = (group: number): void => {
  unfinished.delete(group)
  if (unfinished.size === 0) process.off('exit', killUnfinished)
}

const killUnfinished = (): void => {
  for (const group of unfinished) signalGroup(group, 'SIGKILL')
}

const collect = (stream: Readable, maxBytes: number) => {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < maxBytes) chunks.push(chunk.subarray(0, maxBytes - bytes))
    bytes += chunk.length
  })
  // A pipe that breaks ends the output; the exit status tells the rest.
  stream.on('error', () => {})
  return {
    text: (): string => Buffer.concat(chunks).toString('utf8'),
    truncated: (): boolean => bytes > maxBytes,
  }
}

const notStarted = (name: string, code: string | undefined, message: string | undefined): Failed => {
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failed('tool-missing', name, 'is not installed or not in PATH')
  if (code === 'EACCES' || code === 'EPERM') return failed('denied', name, 'may not be executed')
  return failed(code?.startsWith('ERR_') ? 'malformed' : 'io', name, message?.split('\n')[0] ?? code ?? '')
}

/** Few variables, and a PATH that holds what cron's does not. */
export const environmentFor = (env: HostBase['env']): Record<string, string> => {
  const kept = passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  // A relative folder in root's PATH would run whatever lies in the current one.
  const folders = (env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'))
  return {
    ...Object.fromEntries(kept),
    PATH: [...new Set([...folders, ...usualFolders])].join(':'),
    LC_ALL: 'C',
  }
}
