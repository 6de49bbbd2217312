// In a pid namespace of its own, below a shell that reaps: runs kill-orphans against an orphan whose pid is given to another
// process between its look at the processes and its signals. argv: the program, a folder, after-match.cjs. Prints what came of it as JSON.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { release } from 'node:os'
import { join } from 'node:path'
import type { ProcessKey } from '../../../src/core/action.ts'
import { sendSignal } from '../../../src/host/signal.ts'
import { loadPidfds } from '../../../src/host/syscalls.ts'

const [program = '', folder = '', afterMatch = ''] = process.argv.slice(2)
const base = { root: '/', live: true, uid: 0, pid: process.pid, env: process.env, at: (path: string) => path }

const tryWrite = (path: string, text: string): void => {
  try {
    writeFileSync(path, text)
  } catch {
    // Then the pids go round by themselves.
  }
}

const keyOf = (pid: number): ProcessKey => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return { pid, startTicks: Number(fields[19]) }
}

/** Its own number below this program, or with `handedOver` init's. */
const start = async (words: string, handedOver = false): Promise<number> => {
  const line = `exec -a '${words}' sleep 1000`
  const child = spawn('bash', ['-c', handedOver ? `(${line}) & echo $!` : `echo $$; ${line}`])
  const [text] = await once(child.stdout, 'data')
  if (handedOver) await once(child, 'exit')
  return Number(text)
}

const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8')

const end = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGKILL')
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Another process with that pid, which must be free. */
const startWithPid = async (pid: number): Promise<number> => {
  for (let tries = 1; tries <= 5000; tries++) {
    tryWrite('/proc/sys/kernel/ns_last_pid', String(pid - 1))
    const got = await start('ohreuse innocent')
    if (got === pid) return tries
    await end(got)
  }
  throw new Error(`pid ${pid} was not given again`)
}

const run = async (socket: string): Promise<{ code: number | null; text: string }> => {
  const child = spawn(
    process.execPath,
    [
      ...[
        '--require',
        afterMatch,
        program,
        'kill-orphans',
        '--json',
        '-c',
        join(folder, 'config.yaml'),
        '--grace',
        '200ms',
      ],
      ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')],
    ],
    { env: { ...process.env, DOCKER_HOST: `unix://${socket}` } },
  )
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part))
  const [code] = await once(child, 'close')
  return { code, text }
}

const main = async (): Promise<void> => {
  // Since Linux 6.14 each pid namespace has a bound of its own; before, this would be the whole machine's.
  const [major = 0, minor = 0] = release().split('.').map(Number)
  if (major > 6 || (major === 6 && minor >= 14)) tryWrite('/proc/sys/kernel/pid_max', '500')
  writeFileSync(join(folder, 'config.yaml'), 'orphans: [ { name: test, match: ohreuse } ]\n', { mode: 0o600 })
  const orphan = await start('ohreuse orphan', true)
  const key = keyOf(orphan)
  let tries = 0
  const socket = join(folder, 'engine.sock')
  const engine = createServer(async ({ url }, response) => {
    if (url === '/reuse') {
      await end(orphan)
      tries = await startWithPid(orphan)
    }
    response.setHeader('content-type', 'application/json').end('[]')
  })
  engine.listen(socket)
  await once(engine, 'listening')
  const whole = await run(socket)
  engine.close()
  const isInnocent = (): boolean => existsSync(`/proc/${orphan}`) && commandOf(orphan).includes('innocent')
  const afterProgram = isInnocent()
  const answers = [await loadPidfds(), null].map((pidfds) => sendSignal(base, key, 'SIGKILL', pidfds))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const seen = { orphan, tries, afterProgram, answers, afterSignals: isInnocent(), ...whole }
  process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0))
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`, () => process.exit(1))
})
