import childProcess from 'node:child_process'
import fs from 'node:fs'
import { command } from '../../src/commands/check.ts'
import { runCommand } from '../../src/commands/run-command.ts'
import type { Host } from '../../src/host/host.ts'
import { makeHost } from '../../src/host/real.ts'
import { appendLog } from '../../src/store/log.ts'

// `check` that ends itself by SIGKILL at its N-th point; says how many it passed when it comes to its end.
// Points: before and after each change of the machine, and before and after each system call that writes.
const [config = '', stateDir = '', logDir = '', dieAt = '', grain = ''] = process.argv.slice(2)

let passed = 0
const point = (): void => {
  if (++passed === Number(dieAt)) process.kill(process.pid, 'SIGKILL')
}

const dying =
  <A extends unknown[], R>(act: (...args: A) => R) =>
  (...args: A): R => {
    point()
    const result = act(...args)
    point()
    return result
  }

const dyingHost = (host: Host): Host => ({
  ...host,
  async apply(action) {
    point()
    const result = await host.apply(action)
    point()
    return result
  },
  save: { ...host.save, replace: dying(host.save.replace), append: dying(host.save.append) },
})

if (grain === 'calls') {
  const calls = ['writeSync', 'fsyncSync', 'renameSync', 'linkSync', 'unlinkSync', 'mkdirSync'] as const
  for (const name of calls) Object.assign(fs, { [name]: dying(fs[name] as (...args: unknown[]) => unknown) })
}
if (grain !== '')
  Object.assign(childProcess, { spawn: dying(childProcess.spawn as (...args: unknown[]) => unknown) })

const host = makeHost({
  root: '/',
  dryRun: false,
  out: {
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    color: false,
    stdout: (text) => fs.writeSync(1, text),
    stderr: (text) => fs.writeSync(2, text),
  },
  onEndSignal: () => {},
  logAction: (on, lines) => void appendLog(on.save, logDir, 'health', on.now(), lines),
})

const global = { config, stateDir, logDir, json: false, quiet: true, verbose: false, dryRun: false }
runCommand(command, grain === 'calls' ? host : dyingHost(host), {
  name: 'check',
  version: '0',
  args: [],
  options: {},
  global,
  timeoutSeconds: 50,
}).then(
  () => {
    fs.writeSync(1, `passed ${passed}\n`)
    process.exit(0)
  },
  (error: unknown) => {
    fs.writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(1)
  },
)
