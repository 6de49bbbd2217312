import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { makeHttp } from '../../src/host/http.ts'
import { isRoot } from '../support/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'oh-http-'))
const servers: { close(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const listen = async (server: Server): Promise<string> => {
  const path = join(folder, `s${count++}`)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  servers.push({
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  })
  return path
}
const rawServer = (onConnection: (socket: Socket) => void) => listen(createServer(onConnection))
const httpServer = (onRequest: RequestListener) => listen(createHttpServer(onRequest))

const get = (socketPath: string, options: Parameters<ReturnType<typeof makeHttp>>[1] = {}) =>
  makeHttp()({ socketPath, path: '/x?y=1' }, options)

describe('a request', () => {
  it('gives status, headers and body over a unix socket', async () => {
    const path = await httpServer((request, response) => {
      response.writeHead(201, { 'X-Two': ['a', 'b'], 'content-type': 'text/plain' })
      response.end(`${request.method} ${request.url} ${request.headers.host} ü`)
    })
    const answer = await get(path)
    expect(answer).toMatchObject({
      kind: 'value',
      value: { status: 201, body: 'GET /x?y=1 localhost ü', truncated: false },
    })
    expect(answer.kind === 'value' && answer.value.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-two': 'a, b',
    })
  })

  it('works over TCP, IPv6 too, and sends method, headers, body and basic authentication', async () => {
    const server = createHttpServer((request, response) => {
      const { authorization, 'x-a': a } = request.headers
      request.on('data', (body) => response.end(`${request.method} ${a} ${body} ${authorization}`))
    })
    await new Promise<void>((resolve) => server.listen(0, '::', resolve))
    servers.push(server)
    const { port } = server.address() as AddressInfo
    const options = { method: 'POST', headers: { 'X-A': '1' }, body: 'hällo', user: 'rpc', password: 'pä:ss' }
    const wanted = `POST 1 hällo Basic ${Buffer.from('rpc:pä:ss').toString('base64')}`
    for (const host of ['127.0.0.1', '[::1]'])
      expect(await makeHttp()({ url: `http://${host}:${port}/` }, options)).toMatchObject({
        value: { body: wanted },
      })
    const inUrl = { method: 'POST', headers: { 'X-A': '1' }, body: 'hällo' }
    expect(await makeHttp()({ url: `http://rpc:p%C3%A4%3Ass@127.0.0.1:${port}/` }, inUrl)).toMatchObject({
      value: { body: wanted },
    })
  })

  it.each([204, 302, 404, 500])('takes status %i as a value', async (status) => {
    const path = await httpServer((_, response) => response.writeHead(status, { location: '/else' }).end())
    expect(await get(path)).toMatchObject({ kind: 'value', value: { status, body: '' } })
  })

  it('cuts a huge body, says so, and stops reading', async () => {
    let sent = 0
    const path = await httpServer((_, response) => {
      const push = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x'))) sent += 65_536
        if (!response.destroyed) response.once('drain', push)
      }
      push()
    })
    const answer = await get(path, { maxBodyBytes: 100_000 })
    expect(answer).toMatchObject({ kind: 'value', value: { truncated: true } })
    expect(answer.kind === 'value' && answer.value.body.length).toBe(100_000)
    expect(sent).toBeLessThan(50_000_000)
  })

  it('does not say truncated of a body that just fits', async () => {
    const path = await httpServer((_, response) => response.end('12345'))
    expect(await get(path, { maxBodyBytes: 5 })).toMatchObject({ value: { body: '12345', truncated: false } })
  })
})

describe('a bad server', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['accepts and never answers', () => {}],
    [
      'drips a byte of the head at a time',
      (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nX: '.padEnd(10_000, 'x')),
    ],
    [
      'drips a byte of the body at a time',
      (socket) => drip(socket, `HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${'x'.repeat(9000)}`),
    ],
    [
      'sends interim answers without end',
      (socket) => drip(socket, 'HTTP/1.1 102 P\r\n\r\n'.repeat(1000), 18),
    ],
  ])('that %s runs into the total time-out', async (_, onConnection) => {
    const path = await rawServer(onConnection)
    const startedAt = performance.now()
    const answer = await get(path, { timeoutMs: 250 })
    expect(answer).toMatchObject({ kind: 'failed', cause: 'timeout', what: `unix://${path}` })
    expect(performance.now() - startedAt).toBeGreaterThan(240)
  })

  it.each<[string, string, (socket: Socket) => void]>([
    ['closes at once', 'io', (socket) => socket.destroy()],
    ['closes after the request', 'io', (socket) => socket.once('data', () => socket.end())],
    [
      'closes in the middle of a body of known length',
      'io',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc')),
    ],
    [
      'closes in the middle of a chunked body',
      'io',
      (socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab')),
    ],
    [
      'speaks no HTTP',
      'malformed',
      (socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
    ],
    [
      'sends a head without end',
      'malformed',
      (socket) => socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`)),
    ],
    [
      'switches protocols unasked',
      'io',
      (socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 101 Up\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')),
    ],
  ])('that %s fails as %s', async (_, cause, onConnection) => {
    const path = await rawServer(onConnection)
    expect(await get(path, { timeoutMs: 20_000 })).toMatchObject({ kind: 'failed', cause })
  })
})

const drip = (socket: Socket, text: string, step = 1): void => {
  let at = 0
  const timer = setInterval(() => {
    socket.write(text.slice(at, at + step))
    at += step
  }, 20)
  socket.on('close', () => clearInterval(timer))
}

describe('no server', () => {
  it('is vanished without a socket, refused on a dead one or a plain file', async () => {
    expect(await get(join(folder, 'none'))).toMatchObject({ kind: 'failed', cause: 'vanished' })
    writeFileSync(join(folder, 'plain'), '')
    expect(await get(join(folder, 'plain'))).toMatchObject({ kind: 'failed', cause: 'refused' })
    expect(await makeHttp()({ url: 'http://127.0.0.1:1/' })).toMatchObject({
      kind: 'failed',
      cause: 'refused',
      what: 'http://127.0.0.1:1',
    })
  })

  it('is denied without permission', async () => {
    const path = await httpServer((_, response) => response.end())
    chmodSync(path, 0)
    // Root may connect to any socket; as nobody it may not.
    if (isRoot) process.seteuid?.(65534)
    try {
      expect(await get(path)).toMatchObject({ kind: 'failed', cause: 'denied' })
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })
})

describe('what cannot be sent', () => {
  it.each([
    ['no URL', 'not a url'],
    ['another scheme', 'ftp://127.0.0.1/'],
    ['broken escapes in the user', 'http://%zz@127.0.0.1:1/'],
    ['a port out of range', 'http://127.0.0.1:99999/'],
  ])('%s is malformed', async (_, url) => {
    expect(await makeHttp()({ url })).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('a header with a line break is malformed', async () => {
    const answer = await makeHttp()({ url: 'http://127.0.0.1:1/' }, { headers: { a: 'b\r\nc: d' } })
    expect(answer).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('a failure never shows path, query, user or password of a URL', async () => {
    const answer = await makeHttp()({ url: 'http://me:geheim@127.0.0.1:1/services/T0KEN?key=T0KEN' })
    expect(JSON.stringify(answer)).not.toMatch(/geheim|T0KEN/)
  })
})

describe('kept connections', () => {
  it('are used again', async () => {
    let connections = 0
    const server = createHttpServer((_, response) => response.end('ok'))
    server.on('connection', () => connections++)
    const path = await listen(server)
    const request = makeHttp()
    for (let i = 0; i < 5; i++)
      expect(await request({ socketPath: path, path: '/' })).toMatchObject({ kind: 'value' })
    expect(connections).toBe(1)
  })

  it('that the server closes on the next request are replaced, for GET', async () => {
    let connections = 0
    const path = await rawServer((socket) => {
      connections++
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        socket.once('data', () => socket.destroy())
      })
    })
    const request = makeHttp()
    for (let i = 0; i < 3; i++)
      expect(await request({ socketPath: path, path: '/' })).toMatchObject({ value: { body: 'ok' } })
    expect(connections).toBeGreaterThan(1)
  })

  it('are not used for POST, which must not be done twice', async () => {
    let connections = 0
    const server = createHttpServer((_, response) => response.end('ok'))
    server.on('connection', () => connections++)
    const path = await listen(server)
    const request = makeHttp()
    for (let i = 0; i < 3; i++) await request({ socketPath: path, path: '/' }, { method: 'POST', body: 'x' })
    expect(connections).toBe(3)
  })
})
