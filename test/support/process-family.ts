import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import type { ProcessIdentity } from '../../src/core/action.ts'

/** A process as /proc tells it now; null when there is none. */
export const seen = (pid: number) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      state: fields[0] ?? '',
      ppid: Number(fields[1]),
      session: Number(fields[3]),
      startTicks: Number(fields[19]),
    }
  } catch {
    return null
  }
}

export const isAlive = (pid: number): boolean => !['Z', 'X', undefined].includes(seen(pid)?.state)

export const identityOf = (pid: number): ProcessIdentity => {
  const stat = seen(pid)
  if (stat === null) throw new Error(`no process ${pid}`)
  return { pid, startTicks: stat.startTicks, words: `test ${pid}` }
}

export const allSeen = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => seen(Number(name)) ?? [])

/** Who lives in a session. */
export const inSession = (session: number): number[] =>
  allSeen()
    .filter((stat) => stat.session === session && isAlive(stat.pid))
    .map(({ pid }) => pid)

/** Waits for what is certain to come; the test's own time-out is the bound. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

export interface Family {
  /** The shell; its pid is also the number of its session. */
  pid: number
  /** What it has written so far. */
  said(): string
  /** The pids it wrote, one a line, when there are so many. */
  pids(count: number): Promise<number[]>
  /** Of the shell; null while it is there. */
  exit(): number | string | null
}

/**
 * A shell with a session of its own that does `script`. Whatever lives in that session after the test is killed, pid
 * by pid, and what moved to another session when the script wrote its pid.
 */
export const startFamily = (script: string, options: { uid?: number } = {}): Family => {
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  const pid = child.pid ?? -1
  if (pid < 3) throw new Error('the shell could not be started')
  let output = ''
  let ended: number | string | null = null
  child.stdout.on('data', (part) => {
    output += part
  })
  child.on('exit', (code, signal) => {
    ended = code ?? signal
  })
  const written = (): number[] => output.split('\n').slice(0, -1).filter(isNumber).map(Number)
  const known = new Map<number, number>()
  const note = (one: number) => {
    const ticks = seen(one)?.startTicks
    if (ticks !== undefined && !known.has(one)) known.set(one, ticks)
  }
  note(pid)
  onTestFinished(async () => {
    const left = () => [
      ...inSession(pid),
      ...[...known]
        .filter(([one, ticks]) => isAlive(one) && seen(one)?.startTicks === ticks)
        .map(([one]) => one),
    ]
    while (left().length > 0) {
      for (const one of left()) kill(one)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    child.stdout.destroy()
  })
  return {
    pid,
    said: () => output,
    exit: () => ended,
    async pids(count) {
      await until(() => written().length >= count)
      const pids = written()
      pids.forEach(note)
      return pids
    },
  }
}

const isNumber = (line: string): boolean => /^\d+$/.test(line)

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
