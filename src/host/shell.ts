import type { ChildProcess } from 'node:child_process'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { environmentFor } from './exec.ts'
import type { CommandRecord } from './host.ts'

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

/**
 * Runs shell text by `bash -c`, in a session of its own. When the time is up all of the session is ended, what went to
 * the background too; what is left in the background by a shell that ended in time lives on, as whoever wrote it
 * wanted. Never throws. Failures: `timeout`, `tool-missing` (no bash), `io`.
 */
export const runShell = async (base: HostBase, order: ShellOrder): Promise<Reading<CommandRecord>> => {
  if (!base.live) return absent('bash')
  const { $ } = await import('zx')
  const [stdout, stderr] = [boundedStore(order.maxOutputBytes), boundedStore(order.maxOutputBytes)]
  const shell = $({
    shell: '/bin/bash',
    prefix: '',
    // With a socket for stdin, as Node's pipes are, bash takes itself for a remote shell and reads ~/.bashrc, unless it
    // is not the first one (bash(1), INVOCATION).
    env: { ...environmentFor(base.env), SHLVL: '1', ...order.env },
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
  const end = await waitForEnd(child, child.pid, order.timeoutMs)
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
  child.unref()
  if (end === 'timeout') return failed('timeout', 'bash', `did not end within ${order.timeoutMs / 1000} s`)
  return value({
    ...end,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated() || stderr.truncated(),
  })
}

type End = { exitCode: number | null; signal: string | null }

const waitForEnd = (child: ChildProcess, group: number, timeoutMs: number): Promise<End | 'timeout'> =>
  new Promise((resolve) => {
    let isLate = false
    let timer = setTimeout(() => {
      isLate = true
      signalGroup(group, 'SIGTERM')
      timer = setTimeout(() => {
        signalGroup(group, 'SIGKILL')
        resolve('timeout')
      }, killAfterMs)
    }, timeoutMs)
    child.once('exit', (exitCode, signal) => {
      // The group gets its second anyway: others of it may be there still.
      if (isLate) return
      clearTimeout(timer)
      setTimeout(() => setImmediate(() => resolve({ exitCode, signal })), drainMs)
    })
  })

const signalGroup = (group: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-group, signal)
  } catch {
    // ESRCH: all of it ended.
  }
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
