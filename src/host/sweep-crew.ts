import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderToSweep, HelperOrder, HelperTask, SweptPart } from '../core/sweep.ts'

/** A second process that sweeps folders at the same time. */
export interface SweepHelper {
  give(folders: FolderToSweep[], names: number): void
  /** Gives it folders when it has little to do; those are taken from the end of the list. */
  feed(queue: FolderToSweep[], names: number, keep: number): void
  /** What it has answered since. */
  take(): SweptPart[]
  /** What it was given and has not answered. */
  pending(): FolderToSweep[]
  isReady(): boolean
  /** It has ended, or never began. */
  isOver(): boolean
  /** Resolves at its next answer or its end, at the latest after so many milliseconds. */
  next(maxMs: number): Promise<void>
  /** It ends; what it has said until then can still be taken. */
  end(): void
  /** It ends, and nobody waits for it. */
  kill(): void
}

/**
 * Folders in one message, and messages that are under way: it has something to do while the answer is read. Few at the
 * end, when this process has none left and waits for them.
 */
const atOnce = { least: 4, most: 128, share: 8 }
const underWay = 2
/** Beside the file that this is in, where the build puts it (scripts/build.mjs). */
const helperFile = join(__dirname, 'sweep-helper.cjs')

/** Null where it is not there, or no process can be started. */
export const startHelper = (order: HelperOrder, file = helperFile): SweepHelper | null => {
  if (!existsSync(file)) return null
  const child = start(file)
  if (child?.stdin == null || child.stdout === null) return null
  const { stdin, stdout } = child
  const tasks: FolderToSweep[][] = []
  const answers: SweptPart[] = []
  let isReady = false
  let isOver = false
  let wake = (): void => {}
  const end = (): void => {
    isOver = true
    process.off('exit', kill)
    wake()
  }
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('error', end)
  child.once('close', end)
  stdin.on('error', () => {})
  readLines(stdout, (line) => {
    const part = JSON.parse(line) as SweptPart | null
    if (part !== null) answers.push(part)
    // The first one says that it is there, the others that a task is done.
    else if (isReady) tasks.shift()
    else isReady = true
    wake()
  })
  stdin.write(`${JSON.stringify(order)}\n`)
  const give = (folders: FolderToSweep[], names: number): void => {
    tasks.push(folders)
    stdin.write(`${JSON.stringify({ folders, names } satisfies HelperTask)}\n`)
  }
  return {
    give,
    feed(queue, names, keep) {
      while (isReady && !isOver && tasks.length < underWay && queue.length > keep) {
        const count = Math.min(Math.max(atOnce.least, queue.length / atOnce.share), atOnce.most)
        give(queue.splice(Math.max(keep, queue.length - Math.floor(count))), names)
      }
    },
    take: () => answers.splice(0),
    pending: () => tasks.flat(),
    isReady: () => isReady,
    isOver: () => isOver,
    next: (maxMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, maxMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        if (isOver || answers.length > 0 || tasks.length === 0) wake()
      }),
    end: kill,
    kill() {
      kill()
      stdin.destroy()
      stdout.destroy()
      child.unref()
    },
  }
}

/** In a session of its own: a terminal's Ctrl-C is for us, and we end it. No variables: it needs none. */
const start = (file: string): ChildProcess | null => {
  try {
    return spawn(process.execPath, [file], {
      cwd: '/',
      detached: true,
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}

const readLines = (stream: NodeJS.ReadableStream, take: (line: string) => void): void => {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
  stream.on('error', () => {})
}
