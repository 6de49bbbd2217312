import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { environmentFor } from './exec.ts'
import type { CommandRecord } from './host.ts'
import { markName, signalMarked } from './marked-processes.ts'

export interface ShellOrder {
  /** What a person wrote in the config; never anything of others. */
  text: string
  /** Beside the few variables that every program gets. */
  env: Readonly<Record<string, string>>
  input: string
  timeoutMs: number
  /** Of each stream; what comes after it is read and dropped. */
  maxOutputBytes: number
}

const killAfterMs = 1000
/** How long output is still read after the shell ended and something in the background holds the pipe. */
const drainMs = 250

export interface ShellRecord extends CommandRecord {
  /** It was ended since its time was up; what it printed until then is here. */
  isLate: boolean
}

/**
 * Runs shell text by `bash -c`, in a session of its own. When the time is up, or this program ends, all that it started
 * is ended: its session, and by a mark in the environment what left that. What is left in the background by a shell that
 * ended in time lives on, as whoever wrote it wanted. Never throws. Failures: `tool-missing` (no bash).
 */
export const runShell = async (base: HostBase, order: ShellOrder): Promise<Reading<ShellRecord>> => {
  if (!base.live) return absent('bash')
  const { $ } = await import('zx')
  const mark = randomUUID()
  const [stdout, stderr] = [boundedStore(order.maxOutputBytes), boundedStore(order.maxOutputBytes)]
  const shell = $({
    shell: '/bin/bash',
    prefix: '',
    // With a socket for stdin, as Node's pipes are, bash takes itself for a remote shell and reads ~/.bashrc, unless it
    // is not the first one (bash(1), INVOCATION).
    env: { ...environmentFor(base.env), SHLVL: '1', ...order.env, [markName]: mark },
    input: order.input,
    cwd: '/',
    detached: true,
    nothrow: true,
    quiet: true,
    store: { stdout: stdout.parts, stderr: stderr.parts, stdall: [] as never },
  })
  const ran = shell(Object.assign([order.text], { raw: [order.text] }))
  // zx waits for whoever holds the pipes, so its own end is not waited for.
  ran.catch(() => {})
  const { child } = ran
  if (child?.pid === undefined) return failed('tool-missing', '/bin/bash', 'could not be started')
  child.stdin?.on('error', () => {})
  const group = child.pid
  const endAll: EndAll = (signal) => signalAll(base, group, mark, signal)
  endWithUs(endAll)
  const end = await waitForEnd(child, endAll, order.timeoutMs)
  isOver(endAll)
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
  child.unref()
  return value({
    ...end,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated() || stderr.truncated(),
  })
}

type EndAll = (signal: 'SIGTERM' | 'SIGKILL') => void

const unfinished = new Set<EndAll>()

/** In a session of its own a shell gets neither the terminal's signal nor cron's. */
const endWithUs = (endAll: EndAll): void => {
  if (unfinished.size === 0) process.once('exit', killUnfinished)
  unfinished.add(endAll)
}

const isOver = (endAll: EndAll): void => {
  unfinished.delete(endAll)
  if (unfinished.size === 0) process.off('exit', killUnfinished)
}

const killUnfinished = (): void => {
  for (const endAll of unfinished) endAll('SIGKILL')
}

type End = Pick<ShellRecord, 'exitCode' | 'signal' | 'isLate'>

const waitForEnd = (child: ChildProcess, endAll: EndAll, timeoutMs: number): Promise<End> =>
  new Promise((resolve) => {
    let isLate = false
    let timer = setTimeout(() => {
      isLate = true
      endAll('SIGTERM')
      timer = setTimeout(() => {
        endAll('SIGKILL')
        resolve({ exitCode: null, signal: 'SIGKILL', isLate })
      }, killAfterMs)
    }, timeoutMs)
    child.once('exit', (exitCode, signal) => {
      // All get their second anyway: others of it may be there still.
      if (isLate) return
      clearTimeout(timer)
      setTimeout(() => setImmediate(() => resolve({ exitCode, signal, isLate })), drainMs)
    })
  })

/** A child that is born while /proc is read is found by the next look; what forks faster than this is not caught. */
const mostLooks = 5

const signalAll = (base: HostBase, group: number, mark: string, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-group, signal)
  } catch {
    // ESRCH: all of it ended.
  }
  // The killed may be seen for a moment still, so that the looks are bounded.
  for (let look = 0; look < mostLooks && signalMarked(base, mark, signal) > 0; look++)
    if (signal === 'SIGTERM') return
}

/** What zx pushes the output into; of the 100 MB of a talkative hook the beginning is kept. */
const boundedStore = (maxBytes: number) => {
  const parts: string[] = []
  let bytes = 0
  parts.push = (...added) => {
    for (const part of added) {
      if (bytes < maxBytes) parts[parts.length] = part
      bytes += Buffer.byteLength(part)
    }
    return parts.length
  }
  return {
    parts: parts as never,
    text: (): string => parts.map(String).join('').slice(0, maxBytes),
    truncated: (): boolean => bytes > maxBytes,
  }
}
