import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CheckResult } from '../../src/core/service.ts'
import { isAlive, until } from './process-family.ts'
import { forgetSecondPlace } from './second-place.ts'

export interface Ran {
  code: number | string | null
  stdout: string
  stderr: string
}

/** A program with arguments, to its end; `signal` instead of a code where that ended it. */
export const ran = (
  argv: readonly string[],
  options: { uid?: number; env?: Record<string, string> } = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const [program = '', ...args] = argv
    const as = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
    const env = { ...process.env, ...options.env }
    const child = execFile(program, args, { cwd: '/', env, ...as }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? child.signalCode, stdout, stderr }),
    )
  })

export type Settings = Record<string, unknown>

/** A daemon of a main process and its children, all with the path of its script in their command line. */
export interface Daemon {
  name: string
  script: string
  /** How `start:` starts it. */
  start: string[]
  pidFile: string
  /** Starts it with a session of its own, its pid on file; the pid, once all of it runs. */
  launch(): Promise<number>
  mains(): number[]
  children(): number[]
  /** The main processes it ever had, oldest first. */
  everStarted(): number[]
  allRun(): Promise<void>
}

export interface House {
  folder: string
  stateDir: string
  logDir: string
  config: string
  daemon(name: string, options?: DaemonOptions): Daemon
  /** Ends its daemons before the test's end. */
  end(): Promise<void>
  configure(services: Record<string, Settings>): void
  /** Of a file in the state or the log folder; empty when it is not there. */
  state(): { restarts: Record<string, { memory: Memory }> }
  journal(): { service: string; steps: { name: string; doneAtMs: number | null }[] }[]
  ledger(): string[]
}

interface Memory {
  recentFailures: boolean[]
  restartedAtMs: number[]
  restartsInARow: number
  gaveUpAtMs: number | null
}

export interface DaemonOptions {
  children?: number
  /** The children are nobody's any more as soon as they run, as `&` in a script that ends leaves them. */
  orphans?: boolean
  /** Ends by SIGTERM; else it ignores it, as do its children. */
  obeys?: boolean
}

const off = { warn: 'off', crit: 'off' }
/** How full and how busy the machine of the tests is, is not to be judged. */
const host = { memory: off, swap: off, cpu: off, pressure: off, disks: off }

/** Folders, config and daemons of one test below `top`; whatever runs of the daemons is ended with the test. */
export const house = (top: string): House => {
  const folder = mkdtempSync(join(top, 'house-'))
  chmodSync(folder, 0o755)
  const stateDir = join(folder, 'state')
  const logDir = join(folder, 'log')
  const config = join(folder, 'config.yaml')
  forgetSecondPlace(stateDir)
  const end = (): Promise<void> => endAll(folder)
  onTestFinished(end)
  return {
    folder,
    stateDir,
    logDir,
    config,
    end,
    daemon: (name, options) => makeDaemon(folder, name, options),
    configure: (services) => writeFileSync(config, JSON.stringify({ host, services }), { mode: 0o644 }),
    state: () => JSON.parse(readOr(join(stateDir, 'state.json'), '{"restarts":{}}')),
    journal: () => JSON.parse(readOr(join(stateDir, 'journal.json'), '{"entries":[]}')).entries,
    ledger: () => readOr(join(logDir, 'restart_history.log'), '').split('\n').slice(0, -1),
  }
}

/** `check --json` of the built program on that house, and what it said of its services. */
export const check = async (
  program: string,
  { config, stateDir, logDir }: House,
  args: readonly string[] = [],
  options: { uid?: number } = {},
): Promise<Ran & { services: Record<string, Judged> }> => {
  const folders = ['-c', config, '--state-dir', stateDir, '--log-dir', logDir]
  const result = await ran([process.execPath, program, 'check', '--json', ...folders, ...args], options)
  if (!result.stdout.startsWith('{')) throw new Error(`no document: ${result.stdout}${result.stderr}`)
  const { services = [] } = JSON.parse(result.stdout)
  return { ...result, services: Object.fromEntries(services.map((one: Judged) => [one.name, one])) }
}

export type Judged = Pick<CheckResult['services'][number], 'status' | 'failedChecks' | 'action'> & {
  name: string
  findings: { check: string; status: string; message: string }[]
}

const makeDaemon = (
  folder: string,
  name: string,
  { children = 2, orphans = false, obeys = false }: DaemonOptions = {},
): Daemon => {
  const script = join(folder, `${name}.sh`)
  const startsFile = join(folder, `${name}.starts`)
  const never = join(folder, `${name}.never`)
  const pidFile = join(folder, `${name}.pid`)
  // To open a FIFO that nobody writes to waits for good, without a process for it.
  const lines = [
    obeys ? '' : `trap '' TERM INT HUP`,
    `[ -p ${never} ] || mkfifo ${never}`,
    `if [ "$1" = main ]; then`,
    `  echo $$ >> ${startsFile}`,
    `  i=0; while [ $i -lt ${children} ]; do ${orphans ? `(/bin/sh ${script} child &);` : `/bin/sh ${script} child &`} i=$((i+1)); done`,
    'fi',
    `read -r line < ${never}`,
  ]
  writeFileSync(script, `${lines.join('\n')}\n`, { mode: 0o755 })
  const argv = ['/bin/sh', script, 'main']
  const of = (role: string): number[] =>
    commandLines(folder).flatMap(([pid, line]) => (line === `/bin/sh ${script} ${role}` ? [pid] : []))
  const daemon: Daemon = {
    name,
    script,
    start: argv,
    pidFile,
    async launch() {
      const child = spawn('/bin/sh', argv.slice(1), { detached: true, stdio: 'ignore', cwd: '/' })
      child.unref()
      writeFileSync(pidFile, `${child.pid}\n`)
      await daemon.allRun()
      return child.pid ?? -1
    },
    mains: () => of('main'),
    children: () => of('child'),
    everStarted: () => readOr(startsFile, '').split('\n').slice(0, -1).map(Number),
    allRun: () => until(() => daemon.mains().length === 1 && daemon.children().length === children),
  }
  return daemon
}

/** Of all living processes whose command line names the folder's scripts. */
const commandLines = (folder: string): [number, string][] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, string] => [
      Number(name),
      readOr(`/proc/${name}/cmdline`, '').replaceAll('\0', ' ').trim(),
    ])
    .filter(([pid, line]) => line.startsWith(`/bin/sh ${folder}/`) && isAlive(pid))

const endAll = async (folder: string): Promise<void> => {
  for (let left = commandLines(folder); left.length > 0; left = commandLines(folder)) {
    for (const [pid] of left) kill(pid)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

export const folderIn = (house: House, name: string): string => {
  const path = join(house.folder, name)
  mkdirSync(path, { recursive: true })
  return path
}
