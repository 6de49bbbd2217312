import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { afterEach, describe, expect, it } from 'vitest'
import type { ContainerFacts } from '../../src/core/facts.ts'
import type { HostBase } from '../../src/host/base.ts'
import { type EngineTimeouts, makeEngine } from '../../src/host/engine.ts'
import { makeHttp } from '../../src/host/http.ts'
import { isRoot } from '../support/needs.ts'

const made: string[] = []
const servers: { close(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A root of its own for the usual sockets; paths stay below the 108 bytes of a socket's address. */
const newRoot = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'oh-eng-'))
  made.push(root)
  chmodSync(root, 0o755)
  return root
}

const baseOf = (root: string, env: HostBase['env'] = {}, more: Partial<HostBase> = {}): HostBase => ({
  root,
  live: true,
  uid: 0,
  pid: process.pid,
  env,
  at: (path) => root + path,
  ...more,
})

const engineAt = (root: string, timeouts?: EngineTimeouts) => makeEngine(baseOf(root), makeHttp(), timeouts)

const containersOf = async (root: string, timeouts?: EngineTimeouts): Promise<ContainerFacts[]> => {
  const reading = await engineAt(root, timeouts).containers()
  if (reading.kind !== 'value') throw new Error(`no containers: ${JSON.stringify(reading)}`)
  return reading.value
}

type Handler = (path: string, response: ServerResponse, request: IncomingMessage) => void

const track = (server: ReturnType<typeof createNetServer>) => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  servers.push({ close })
  return { sockets, close }
}

const listenAt = async (server: ReturnType<typeof createNetServer>, path: string) => {
  mkdirSync(dirname(path), { recursive: true })
  const tracked = track(server)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return tracked
}

const serve = (root: string, handler: Handler, path = '/var/run/docker.sock') =>
  listenAt(
    createServer((request, response) => handler(request.url ?? '', response, request)),
    root + path,
  )

const idOf = (i: number): string => `${i}`.padStart(8, '0').repeat(8)
const listed = (i: number) => ({
  Id: idOf(i),
  Names: [`/c${i}`],
  Image: 'base',
  State: 'running',
  Status: 'Up 1 second',
})
const inspection = (i: number) => ({
  Id: idOf(i),
  Name: `/c${i}`,
  State: { Status: 'running', Pid: 1000 + i },
})
const indexIn = (path: string): number => Number(/^\/containers\/(\d{8})/.exec(path)?.[1])

/** An engine with that many containers, all well but where `except` answers (and says so). */
const engineWith =
  (count: number, except: (i: number, response: ServerResponse) => boolean = () => false): Handler =>
  (path, response) => {
    if (path === '/containers/json?all=1') {
      response.end(JSON.stringify(Array.from({ length: count }, (_, i) => listed(i))))
      return
    }
    const i = indexIn(path)
    if (!except(i, response)) response.end(JSON.stringify(inspection(i)))
  }

const answer = (response: ServerResponse, status: number, body: string): true => {
  response.writeHead(status).end(body)
  return true
}

describe('containers', () => {
  it('lists and inspects, with GET only and never the stats', async () => {
    const root = newRoot()
    const asked: string[] = []
    await serve(root, (path, response, request) => {
      asked.push(`${request.method} ${path}`)
      engineWith(2)(path, response, request)
    })
    const containers = await containersOf(root)
    expect(containers.map(({ name, state, pid }) => [name, state, pid])).toEqual([
      ['c0', 'running', 1000],
      ['c1', 'running', 1001],
    ])
    expect(containers.some((container) => 'notInspected' in container)).toBe(false)
    expect(asked.toSorted()).toEqual([
      `GET /containers/${idOf(0)}/json`,
      `GET /containers/${idOf(1)}/json`,
      'GET /containers/json?all=1',
    ])
  })

  it('asks for 60 at most 20 at once, over connections it keeps', async () => {
    const root = newRoot()
    let underWay = 0
    let most = 0
    let connections = 0
    const waiting: (() => void)[] = []
    const { sockets } = await serve(root, (path, response, request) => {
      most = Math.max(most, ++underWay)
      connections = Math.max(connections, sockets.size)
      const reply = () => {
        underWay--
        engineWith(60)(path, response, request)
      }
      if (path.startsWith('/containers/json')) return reply()
      // Nothing is answered before 20 are here: fewer would hang the test, more would be counted.
      waiting.push(reply)
      if (waiting.length === 20) setImmediate(() => waiting.splice(0).map((one) => one()))
    })
    expect(await containersOf(root)).toHaveLength(60)
    expect(most).toBe(20)
    expect(connections).toBe(20)
  })

  it('leaves out a container that vanished since the listing', async () => {
    const root = newRoot()
    await serve(
      root,
      engineWith(3, (i, response) => i === 1 && answer(response, 404, '{"message":"No such container: x"}')),
    )
    expect((await containersOf(root)).map(({ name }) => name)).toEqual(['c0', 'c2'])
  })

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['hangs', 'timeout', () => {}],
    ['fails', 'io', (response) => answer(response, 500, '{"message":"lock is held"}')],
    ['is forbidden', 'denied', (response) => answer(response, 403, 'Forbidden')],
    ['is no JSON', 'malformed', (response) => answer(response, 200, '{"Id": "0')],
    ['is another thing', 'malformed', (response) => answer(response, 200, '[]')],
    [
      'breaks off',
      'io',
      (response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
  ])('keeps what was listed of a container whose inspection %s, with the reason', async (_, cause, badly) => {
    const root = newRoot()
    const except = (i: number, response: ServerResponse): boolean => {
      if (i === 1) badly(response)
      return i === 1
    }
    const { sockets } = await serve(root, engineWith(3, except))
    // The engine is in this process, too: only where it hangs is its answer not waited for as long as it may take.
    const containers = await containersOf(root, {
      callMs: cause === 'timeout' ? 2000 : 20_000,
      allMs: 60_000,
    })
    expect(containers).toMatchObject([
      { name: 'c0', pid: 1000 },
      { name: 'c1', state: 'running', image: 'base', pid: null, notInspected: { kind: 'failed', cause } },
      { name: 'c2', pid: 1002 },
    ])
    expect(containers[1]?.notInspected?.what).toBe(`unix://${root}/var/run/docker.sock`)
    expect(sockets.size).toBeLessThan(4)
  })

  it('does not overlook containers when the engine dies after the listing', async () => {
    const root = newRoot()
    const { close } = await serve(root, (path, response, request) => {
      engineWith(30)(path, response, request)
      response.on('finish', () => close())
    })
    const containers = await containersOf(root)
    expect(containers).toHaveLength(30)
    expect(containers.filter(({ notInspected }) => notInspected).length).toBeGreaterThan(20)
  })

  it('ends in time when every inspection hangs, and tells all that were listed', async () => {
    const root = newRoot()
    let asked = 0
    await serve(
      root,
      engineWith(100, () => {
        asked++
        return true
      }),
    )
    const startedAt = performance.now()
    const containers = await containersOf(root, { callMs: 2000, allMs: 5000 })
    expect(performance.now() - startedAt).toBeLessThan(30_000)
    expect(containers).toHaveLength(100)
    expect(containers.every(({ notInspected }) => notInspected?.cause === 'timeout')).toBe(true)
    // 20 at once, 2 s each: three rounds and no more fit 5 s.
    expect(asked).toBeLessThanOrEqual(60)
  })
})

describe('an engine that does not list', () => {
  it.each<[string, string, Handler]>([
    ['hangs', 'timeout', () => {}],
    ['fails', 'io', (_, response) => answer(response, 500, '{"message":"database is\\nlocked"}')],
    ['is forbidden by a proxy', 'denied', (_, response) => answer(response, 403, '<html>Forbidden</html>')],
    ['does not know the path', 'malformed', (_, response) => answer(response, 404, 'page not found')],
    ['lists no JSON', 'malformed', (_, response) => answer(response, 200, '<html>')],
    ['lists no array', 'malformed', (_, response) => answer(response, 200, '{}')],
    ['lists nothing at all', 'malformed', (_, response) => answer(response, 200, '')],
  ])('%s', async (_, cause, handler) => {
    const root = newRoot()
    await serve(root, handler)
    const callMs = cause === 'timeout' ? 500 : 20_000
    const reading = await engineAt(root, { callMs, allMs: 60_000 }).containers()
    expect(reading).toMatchObject({ kind: 'failed', cause, what: `unix://${root}/var/run/docker.sock` })
    expect(reading.kind === 'failed' && reading.detail).not.toContain('\n')
  })

  it('drips', async () => {
    const root = newRoot()
    const drip = createNetServer((socket) => {
      const timer = setInterval(() => socket.write('H'), 20)
      socket.on('close', () => clearInterval(timer))
      socket.write('HTTP/1.1 200 OK\r\nX: ')
    })
    await listenAt(drip, `${root}/var/run/docker.sock`)
    const reading = await engineAt(root, { callMs: 300, allMs: 1000 }).containers()
    expect(reading).toMatchObject({ kind: 'failed', cause: 'timeout' })
  })

  it('was killed and left its socket', async () => {
    const root = newRoot()
    const path = `${root}/var/run/docker.sock`
    mkdirSync(dirname(path), { recursive: true })
    const script = `require('net').createServer().listen('${path}', () => console.log('up'))`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await engineAt(root).containers()).toMatchObject({ kind: 'failed', cause: 'refused' })
  })

  it('may not be asked by this user', async () => {
    const root = newRoot()
    await serve(root, engineWith(1))
    chmodSync(`${root}/var/run/docker.sock`, 0)
    expect(await asNobody(() => engineAt(root).containers())).toMatchObject({
      kind: 'failed',
      cause: 'denied',
    })
  })
})

/** Root may connect to any socket; nobody may not. */
const asNobody = async <T>(act: () => Promise<T>): Promise<T> => {
  if (isRoot) process.seteuid?.(65534)
  try {
    return await act()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('where the engine is looked for', () => {
  const nameAt = (base: HostBase) => makeEngine(base, makeHttp()).endpoint()

  it('is absent without any socket, not failed', async () => {
    const engine = engineAt(newRoot())
    expect(await engine.endpoint()).toEqual({ kind: 'absent', what: 'container engine' })
    expect(await engine.containers()).toEqual({ kind: 'absent', what: 'container engine' })
  })

  it("takes Docker before Podman, the host's before the user's, and XDG_RUNTIME_DIR or its usual place", async () => {
    const root = newRoot()
    const user = baseOf(root, { XDG_RUNTIME_DIR: '/run/user/7' }, { uid: 7 })
    const inOrder = [
      '/run/user/7/podman/podman.sock',
      '/run/podman/podman.sock',
      '/run/user/7/docker.sock',
      '/run/docker.sock',
      '/var/run/docker.sock',
    ]
    for (const path of inOrder) {
      await serve(root, engineWith(0), path)
      expect(await nameAt(user)).toEqual({ kind: 'value', value: `unix://${root}${path}` })
      expect(await nameAt(baseOf(root, {}, { uid: 7 }))).toEqual(await nameAt(user))
    }
  })

  it('passes over a socket this user may not use, if there is one it may', async () => {
    const root = newRoot()
    await serve(root, engineWith(1))
    await serve(root, engineWith(2), '/run/user/7/docker.sock')
    chmodSync(`${root}/var/run/docker.sock`, 0)
    chmodSync(`${root}/run/user/7/docker.sock`, 0o666)
    // In a process of its own: access(2) goes by the real user, which a process cannot take back.
    const program = join(root, 'program.cjs')
    await build({
      stdin: {
        contents: `import { findEngine } from './src/host/find-engine.ts'
          const at = (path) => '${root}' + path
          process.stdout.write(JSON.stringify(findEngine({ uid: 7, env: {}, at })))`,
        resolveDir: join(import.meta.dirname, '../..'),
      },
      bundle: true,
      platform: 'node',
      outfile: program,
    })
    const found = execFileSync(process.execPath, [program], { cwd: '/', ...(isRoot ? { uid: 65534 } : {}) })
    expect(JSON.parse(`${found}`).value).toEqual({
      kind: 'unix',
      socketPath: `${root}/run/user/7/docker.sock`,
    })
  })

  it('follows DOCKER_HOST and nothing else', async () => {
    const root = newRoot()
    await serve(root, engineWith(1))
    const elsewhere = baseOf(root, { DOCKER_HOST: `unix://${root}/none.sock` })
    expect(await makeEngine(elsewhere, makeHttp()).containers()).toMatchObject({
      kind: 'failed',
      cause: 'vanished',
    })
    const ssh = makeEngine(baseOf(root, { DOCKER_HOST: 'ssh://root@host' }), makeHttp())
    expect(await ssh.containers()).toMatchObject({ kind: 'failed', what: 'DOCKER_HOST' })
    expect(await ssh.endpoint()).toMatchObject({ kind: 'failed', what: 'DOCKER_HOST' })
    const tls = baseOf(root, { DOCKER_HOST: 'tcp://127.0.0.1:2376', DOCKER_TLS_VERIFY: '1' })
    expect(await makeEngine(tls, makeHttp()).containers()).toMatchObject({
      kind: 'failed',
      what: 'DOCKER_HOST',
    })
    expect(await nameAt(baseOf(root, { DOCKER_HOST: '' }))).toMatchObject({
      value: `unix://${root}/var/run/docker.sock`,
    })
  })

  it('asks over TCP, and takes pids from this host only', async () => {
    const server = createServer((request, response) => engineWith(1)(request.url ?? '', response, request))
    track(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const askAt = (host: string) =>
      makeEngine(baseOf('/', { DOCKER_HOST: `tcp://${host}:${port}` }), makeHttp()).containers()
    expect(await askAt('127.0.0.1')).toMatchObject({ value: [{ name: 'c0', pid: 1000 }] })
    // 0.0.0.0 reaches loopback on Linux but is not known to.
    expect(await askAt('0.0.0.0')).toMatchObject({
      value: [
        {
          ...{ name: 'c0', state: 'running', pid: null, isElsewhere: true },
          notInspected: { kind: 'failed', cause: 'io' },
        },
      ],
    })
  })
})

describe('a captured host', () => {
  const captured = (root: string) => makeEngine(baseOf(root, {}, { live: false }), makeHttp())
  const write = (root: string, text: string) => {
    mkdirSync(`${root}/cmd`)
    writeFileSync(`${root}/cmd/containers.json`, text)
  }

  it('answers from cmd/containers.json', async () => {
    const root = newRoot()
    write(root, JSON.stringify([inspection(0), inspection(1)]))
    expect(await captured(root).containers()).toMatchObject({
      value: [{ name: 'c0', pid: 1000 }, { name: 'c1' }],
    })
    expect(await captured(root).endpoint()).toEqual({ kind: 'value', value: 'cmd/containers.json' })
  })

  it('has no engine without that file, whatever sockets lie there', async () => {
    const root = newRoot()
    await serve(root, engineWith(1))
    expect(await captured(root).containers()).toEqual({ kind: 'absent', what: 'container engine' })
    expect(await captured(root).endpoint()).toEqual({ kind: 'absent', what: 'container engine' })
  })

  it.each([
    ['no JSON', '['],
    ['no array', '{}'],
    ['no container', '[{}]'],
  ])('fails on %s', async (_, text) => {
    const root = newRoot()
    write(root, text)
    expect(await captured(root).containers()).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })
})

describe('the log of a container', () => {
  const frame = (stream: number, text: string): Buffer => {
    const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
    head.writeUInt32BE(Buffer.byteLength(text), 4)
    return Buffer.concat([head, Buffer.from(text)])
  }
  const line = '2026-01-31T03:00:00.000000000Z an ERROR ü\n'
  const logsOf = (root: string, maxBytes = 1e6, timeoutMs = 20_000) =>
    engineAt(root).logs(idOf(1), 1_700_000_000.7, maxBytes, timeoutMs)

  it('is asked for with a bound on its lines, and taken from its frames', async () => {
    const root = newRoot()
    const asked: string[] = []
    await serve(root, (path, response) => {
      asked.push(path)
      response.end(Buffer.concat([frame(1, line), frame(2, line)]))
    })
    expect(await logsOf(root)).toEqual({ kind: 'value', value: { text: line + line, truncated: false } })
    expect(asked).toEqual([
      `/containers/${idOf(1)}/logs?stdout=1&stderr=1&timestamps=1&tail=50000&since=1700000000`,
    ])
    const two = await engineAt(root).logs(idOf(1), 1_700_000_000, 1e6, 20_000, 2)
    expect(two).toMatchObject({ value: { truncated: true } })
    expect(asked[1]).toContain('&tail=2&')
  })

  it('says so when there was more: by bytes, or by lines', async () => {
    const root = newRoot()
    let lines = 3
    await serve(root, (_, response) => response.end(Buffer.concat(Array(lines).fill(frame(1, line)))))
    const cut = await logsOf(root, 100)
    expect(cut).toEqual({ kind: 'value', value: { text: line, truncated: true } })
    lines = 50_000
    expect(await logsOf(root, 1e8)).toMatchObject({ kind: 'value', value: { truncated: true } })
  })

  it.each<[number, string, string]>([
    [404, '{"message":"No such container"}', 'vanished'],
    [403, 'forbidden by the proxy', 'denied'],
    [501, '{"message":"configured logging driver does not support reading"}', 'io'],
  ])('that is answered with %i is no empty log', async (status, body, cause) => {
    const root = newRoot()
    await serve(root, (_, response) => answer(response, status, body))
    expect(await logsOf(root)).toMatchObject({ kind: 'failed', cause })
  })

  it('of an engine that hangs runs into its time-out', async () => {
    const root = newRoot()
    await serve(root, () => {})
    expect(await logsOf(root, 1e6, 200)).toMatchObject({ kind: 'failed', cause: 'timeout' })
  })

  it('is absent without an engine', async () => {
    expect((await logsOf(newRoot())).kind).toBe('absent')
  })
})

describe('events', () => {
  it('are asked for by window and kind, never for what is still to come', async () => {
    const root = newRoot()
    const asked: string[] = []
    await serve(root, (path, response) => {
      asked.push(path)
      response.end('{"Action":"die"}\n')
    })
    const read = await engineAt(root).events(1000.7, 2000.9, 20_000)
    expect(read).toEqual({ kind: 'value', value: { text: '{"Action":"die"}\n', truncated: false } })
    const url = new URL(asked[0] ?? '', 'http://engine')
    expect(url.pathname).toBe('/events')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      since: '1000',
      until: '2000.900',
      filters: '{"type":["container"],"event":["die","died","oom","kill"]}',
    })
  })

  it('of an engine that does not end its answer are given up, and the answer is bounded', async () => {
    const [hangs, floods, denies] = [newRoot(), newRoot(), newRoot()]
    await serve(hangs, (_, response) => void response.write('{"Action":"die"}\n'))
    expect(await engineAt(hangs).events(1, 2, 100)).toMatchObject({ kind: 'failed', cause: 'timeout' })
    await serve(floods, (_, response) => response.end('x'.repeat(5 * 1024 * 1024)))
    const flood = await engineAt(floods).events(1, 2, 20_000)
    expect(flood).toMatchObject({ kind: 'value', value: { truncated: true } })
    await serve(denies, (_, response) => void answer(response, 403, '{"message":"not allowed"}'))
    expect(await engineAt(denies).events(1, 2, 20_000)).toMatchObject({
      ...{ kind: 'failed', cause: 'denied', detail: 'answered 403: not allowed' },
    })
    expect(await engineAt(newRoot()).events(1, 2, 5000)).toMatchObject({ kind: 'absent' })
  })
})
