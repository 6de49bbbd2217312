import type { Readable } from 'node:stream'
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
  const unfinished = killedAtOurExit()
  return async (argv, options = {}) => {
    const [name, ...args] = argv
    const { timeoutMs = defaultTimeoutMs, maxOutputBytes = defaultMaxOutputBytes, input } = options
    try {
      const { execa } = await import('execa')
      const child = execa(name, args, {
        cwd: '/',
        env: environmentFor(base.env),
        extendEnv: false,
        detached: true,
        reject: false,
        buffer: false,
        ...(input === undefined ? { stdin: 'ignore' } : { input }),
      })
      // Without a pid nothing was started, and execa's result says why.
      if (child.pid === undefined) return notStarted(name, (await child).code, (await child).originalMessage)
      const group = child.pid
      unfinished.add(group)
      const stdout = collect(child.stdout, maxOutputBytes)
      const stderr = collect(child.stderr, maxOutputBytes)
      const end = await waitForEnd(child, group, timeoutMs)
      unfinished.delete(group)
      // Neither a child that cannot die (state D) nor one that holds the pipes keeps our own event loop alive.
      child.stdin?.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      if (end === 'timeout') return failed('timeout', name, `did not end within ${timeoutMs} ms`)
      return value({
        ...end,
        stdout: stdout.text(),
        stderr: stderr.text(),
        truncated: stdout.truncated() || stderr.truncated(),
      })
    } catch (error) {
      return failed('malformed', name, error instanceof Error ? (error.message.split('\n')[0] ?? '') : '')
    }
  }
}

interface End {
  exitCode: number | null
  signal: string | null
}

interface Child {
  once(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown
  once(event: 'close', listener: () => void): unknown
}

/** Settles at the latest `timeoutMs` + 1 s after the start, whatever the program and its children do. */
const waitForEnd = (child: Child, group: number, timeoutMs: number): Promise<End | 'timeout'> =>
  new Promise((resolve) => {
    let end: End | null = null
    let late = false
    const finish = () => {
      clearTimeout(timer)
      if (end) resolve(end)
    }
    const giveUp = () => {
      clearTimeout(timer)
      signalGroup(group, 'SIGKILL')
      resolve('timeout')
    }
    let timer = setTimeout(() => {
      late = true
      signalGroup(group, 'SIGTERM')
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

/** Groups that end with us: being in sessions of their own, they do not get the terminal's or cron's signal. */
const killedAtOurExit = (): Set<number> => {
  const groups = new Set<number>()
  process.once('exit', () => {
    for (const group of groups) signalGroup(group, 'SIGKILL')
  })
  return groups
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

const environmentFor = (env: HostBase['env']): Record<string, string> => {
  const kept = passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  // A relative folder in root's PATH would run whatever lies in the current one.
  const folders = (env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'))
  return {
    ...Object.fromEntries(kept),
    PATH: [...new Set([...folders, ...usualFolders])].join(':'),
    LC_ALL: 'C',
  }
}
