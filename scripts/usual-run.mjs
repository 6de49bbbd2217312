// A `check` as it usually is, for what V8 compiles of the program: two containers of an engine that is played here, one
// with an HTTP probe, and a pid file. Run twice: the second one finds the state of the first.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const idOf = (digit) => String(digit).repeat(64)
const startedAt = new Date(Date.now() - 3_600_000).toISOString()

const inspected = (digit) => ({
  Id: idOf(digit),
  Name: `/container-${digit}`,
  Config: { Image: 'image:1', Labels: {} },
  State: { Status: 'running', Running: true, Pid: process.pid, StartedAt: startedAt },
  HostConfig: { RestartPolicy: { Name: 'no' }, Memory: 2 ** 40, NetworkMode: 'none' },
  RestartCount: 0,
})

const answers = {
  '/containers/json?all=1': [1, 2].map((digit) => ({
    Id: idOf(digit),
    Names: [`/container-${digit}`],
    Image: 'image:1',
    State: 'running',
    Labels: {},
  })),
  [`/containers/${idOf(1)}/json`]: inspected(1),
  [`/containers/${idOf(2)}/json`]: inspected(2),
}

const serve = (at) =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) =>
      response.end(JSON.stringify(answers[request.url] ?? {})),
    )
    server.once('error', reject)
    server.listen(at, () => resolve(server))
  })

/** A run that has looked ends with 0 to 3; another one would leave the program slow, and nobody would see why. */
export const runToLook = (args, env) =>
  new Promise((resolve) =>
    execFile(process.execPath, args, { env, timeout: 60_000 }, (error, _, words) => {
      // By a signal there is no code.
      if (error && !(typeof error.code === 'number' && error.code <= 3))
        process.stderr.write(`${args.join(' ')}: ended with ${error.code ?? error.signal}: ${words}`)
      resolve()
    }),
  )

const configText = (port, pidfile) => `services:
  one: { container: container-1, memory: { warn: 90% }, probes: [{ http: "http://127.0.0.1:${port}/" }] }
  two: { container: container-2, memory: { warn: 90% } }
  three: { pidfile: "${pidfile}", processes: { warn: 1000 } }
`

/** @param script what runs `check`, with the environment given */
export const usualRun = async (script, env) => {
  const work = mkdtempSync(join(tmpdir(), 'oratio-build-'))
  const servers = []
  try {
    const socket = join(work, 'engine.sock')
    servers.push(await serve(socket), await serve({ port: 0, host: '127.0.0.1' }))
    const config = join(work, 'config.yaml')
    const pidfile = join(work, 'pid')
    writeFileSync(pidfile, String(process.pid))
    writeFileSync(config, configText(servers[1].address().port, pidfile), { mode: 0o600 })
    const args = [script, 'check', '--no-act', '-c', config, '--state-dir', work, '--log-dir', work]
    for (let i = 0; i < 2; i++) await runToLook(args, { ...env, DOCKER_HOST: `unix://${socket}` })
  } finally {
    for (const server of servers) server.close()
    rmSync(work, { recursive: true, force: true })
  }
}
