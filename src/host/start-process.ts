import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ActionResult, StartProcessAction } from '../core/action.ts'
import { clip, escapeControl } from '../core/escape.ts'
import type { Absent, Failed } from '../core/reading.ts'
import { openForOwnAppend } from './append-file.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import { errnoOf } from './errno.ts'
import { infoOf } from './files.ts'
import { ensureFolder } from './own-folder.ts'
import { replaceFile, unlinkIfThere } from './replace-file.ts'

const fileMode = 0o640
const folderMode = 0o750
/** A program that ends in this time did not start. */
const usualSettleMs = 500

/** Not cron's, and not that of whoever typed the command: a service is started the same way each time. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Becomes the program once a line comes; when this tool is killed before it has kept the pid, the pipe's end comes
 * instead, and there is no daemon that nobody could find later. The program itself is run by no shell.
 */
const gate = 'read -r go && exec "$@" </dev/null'
/** What a shell answers (POSIX, 2.8.2) when there is no such program, and when it may not be executed. */
const [notFound, notExecutable] = [127, 126]

/**
 * Starts a program in a session of its own: no stdin, `/` as its folder, few variables, output appended to a file of
 * ours. It begins when its pid is on file (`PID\n`), and not when that cannot be kept, since nobody could find it later
 * (incident E: daemons started with `&`). Done when it is alive half a second later.
 */
export const startProcessChange = (
  action: StartProcessAction,
  base: HostBase,
  settleMs = usualSettleMs,
): Change => ({
  words: `start ${clip(action.words, 200)} (pid in ${action.pidFile})`,
  obstacle: () => obstacleOf(action),
  perform: () => start(action, base, settleMs),
})

const failure = (detail: string): ActionResult => ({ outcome: 'failed', detail })

const obstacleOf = ({ pidFile, outputFile }: StartProcessAction): ActionResult | null => {
  for (const file of [pidFile, outputFile]) {
    const there = infoOf(file, file)
    if (there.kind === 'failed') return failure(wordsOf(there))
    if (there.kind === 'absent' || there.value.kind === 'file') continue
    return failure(
      `${escapeControl(file)} is ${there.value.kind === 'symlink' ? 'a symbolic link' : 'no file'}`,
    )
  }
  return null
}

const start = async (action: StartProcessAction, base: HostBase, settleMs: number): Promise<ActionResult> => {
  for (const file of [action.pidFile, action.outputFile]) {
    const folder = ensureFolder(dirname(file), folderMode)
    if (folder.kind !== 'value') return failure(wordsOf(folder))
  }
  const output = openForOwnAppend(action.outputFile, fileMode, base)
  if (output.kind !== 'value') return failure(wordsOf(output))
  try {
    return await launch(action, base, output.value, settleMs)
  } finally {
    closeSync(output.value)
  }
}

const launch = async (
  { argv, pidFile, outputFile }: StartProcessAction,
  base: HostBase,
  output: number,
  settleMs: number,
): Promise<ActionResult> => {
  const child = spawned(argv, base, output)
  if (typeof child === 'string') return failure(child)
  const end = endOf(child)
  if (child.pid === undefined) return failure((await end) ?? 'it could not be started')
  const kept = replaceFile(pidFile, `${child.pid}\n`, fileMode, base)
  if (kept.kind !== 'value') {
    child.stdin?.destroy()
    await end
    return failure(`${wordsOf(kept)}; it was not started, since its pid could not be kept`)
  }
  // One that was ended meanwhile reads nothing more (EPIPE); its exit tells of it.
  child.stdin?.on('error', () => {})
  child.stdin?.end('go\n')
  const ended = await Promise.race([end, pause(settleMs)])
  child.removeAllListeners()
  child.unref()
  if (ended === null) return { outcome: 'done', detail: '', pid: child.pid }
  unlinkIfThere(pidFile)
  return failure(`${ended}; its output is in ${escapeControl(outputFile)}`)
}

/** Or why not: spawn(2) itself throws for a NUL in an argument and for too many open files. */
const spawned = (argv: readonly string[], base: HostBase, output: number): ChildProcess | string => {
  try {
    return spawn('/bin/sh', ['-c', gate, 'sh', ...argv], {
      cwd: '/',
      detached: true,
      env: { PATH: path, HOME: base.env.HOME ?? '/', LANG: base.env.LANG ?? 'C.UTF-8' },
      stdio: ['pipe', output, output],
    })
  } catch (error) {
    return notStarted(error)
  }
}

/** Resolves with how it ended, in words. */
const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)))
    child.once('exit', (status, signal) => {
      if (signal !== null) resolve(`it was ended by ${signal} at once`)
      else if (status === notFound) resolve(`the program is not there or not in ${path}`)
      else if (status === notExecutable) resolve('the program may not be executed')
      else if (status === 0)
        resolve('it ended at once with status 0: a program that goes into the background must be told not to')
      else resolve(`it ended at once with status ${status}`)
    })
  })

const notStarted = (error: unknown): string => {
  const errno = errnoOf(error)
  if (errno === 'ENOENT') return `the program is not there or not in ${path}`
  return errno === 'EACCES' ? 'the program may not be executed' : `it could not be started (${errno})`
}

const wordsOf = (reading: Absent | Failed): string =>
  reading.kind === 'failed'
    ? `${escapeControl(reading.what)}: ${reading.detail}`
    : `${escapeControl(reading.what)} is missing`

const pause = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ms))
