import { writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { messageOf } from '../../../src/report/sentence.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { askOne, closedPort, httpProbe, httpServer, rawServer, realHost } from './real-host.ts'

const folder = tempFolder('http-probe')

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

describe('http', () => {
  it('is fine with any status from 200 to 299', async () => {
    const port = await httpServer((request, response) =>
      response.writeHead(request.url === '/a' ? 204 : 500).end(),
    )
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${port}/a`))
    expect(finding).toMatchObject({
      check: 'probes',
      item: `http 127.0.0.1:${port}/a`,
      code: 'ok',
      status: 'ok',
    })
    expect(messageOf(finding, 'service')).toBe(`probe http 127.0.0.1:${port}/a answers`)
  })

  it.each([300, 404, 500])('is not fine with %i', async (status) => {
    const port = await httpServer((_, response) => response.writeHead(status).end())
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${port}`))
    expect(finding).toMatchObject({ code: 'failed', status: 'critical', args: { reason: 'status', status } })
  })

  it('wants the one status that is named', async () => {
    const port = await httpServer((request, response) =>
      response.writeHead(request.url === '/t' ? 418 : 200).end(),
    )
    const expecting = { expect: { status: 418, body: null } }
    expect((await askOne(httpProbe(`http://127.0.0.1:${port}/t`, expecting))).finding.code).toBe('ok')
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${port}/x`, expecting))
    expect(messageOf(finding, 'service')).toBe(
      `probe http 127.0.0.1:${port}/x failed: answered 200, not 418 — see its log`,
    )
  })

  it('does not follow a redirect', async () => {
    const asked: string[] = []
    const port = await httpServer((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(request.url === '/' ? 302 : 200, { location: '/fine?token=s3cret' }).end()
    })
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${port}/`))
    expect(asked).toEqual(['/'])
    expect(finding).toMatchObject({ code: 'failed', args: { status: 302 } })
    expect(messageOf(finding, 'service')).toContain('a redirect is not followed')
    expect(JSON.stringify(finding)).not.toContain('s3cret')
  })

  it.each<[body: string, wanted: string, code: string]>([
    ['all ok here', 'ok', 'ok'],
    ['all OK here', 'ok', 'failed'],
    ['{"status":  "up"}', '/"status":\\s*"up"/', 'ok'],
    ['a\nok\nb', '/^ok$/', 'ok'],
    ['not ok', '/^ok$/', 'failed'],
    ['', 'ok', 'failed'],
    [`${'x'.repeat(500_000)}ok`, 'ok', 'ok'],
    [`${'x'.repeat(100_000)}ok`, '/ok/', 'failed'],
  ])('of a body %.20j wants %j: %s', async (body, wanted, code) => {
    const port = await httpServer((_, response) => response.end(body))
    const probe = httpProbe(`http://127.0.0.1:${port}/`, { expect: { status: null, body: wanted } })
    const { finding } = await askOne(probe)
    expect(finding.code).toBe(code)
    if (code === 'failed') expect(finding.args).toMatchObject({ reason: 'body', wantedBody: wanted })
  })

  it.each<[string, object, string]>([
    ['user and password', { user: 'rpc', password: 'pä:ss' }, basic('rpc', 'pä:ss')],
    [
      'a password file with a line end',
      { user: 'rpc', password_file: join(folder, 'pass') },
      basic('rpc', 'filed'),
    ],
    ['a user alone', { user: 'rpc' }, basic('rpc', '')],
  ])('sends %s', async (_, login, wanted) => {
    writeFileSync(join(folder, 'pass'), 'filed\n')
    const port = await httpServer((request, response) =>
      response.writeHead(request.headers.authorization === wanted ? 200 : 401).end(),
    )
    expect((await askOne(httpProbe(`http://127.0.0.1:${port}/`, login))).finding.code).toBe('ok')
  })

  it.each<[string, string]>([
    ['is missing', 'nowhere'],
    ['is empty', 'empty'],
    ['has two lines', 'two'],
    ['is a folder', '.'],
  ])('is not tried when the password file %s', async (_, name) => {
    writeFileSync(join(folder, 'empty'), '\n')
    writeFileSync(join(folder, 'two'), 'a\nb\n')
    let asked = 0
    const port = await httpServer((_request, response) => {
      asked++
      response.end()
    })
    const { finding } = await askOne(
      httpProbe(`http://127.0.0.1:${port}/`, { password_file: join(folder, name) }),
    )
    expect(finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
    expect(asked).toBe(0)
  })

  it('is not tried without a right to the password file', async () => {
    const path = '/etc/rpc.pass'
    const denied = { kind: 'failed' as const, cause: 'denied' as const, what: path, detail: 'EACCES' }
    const host = realHost()
    const files = { ...host.files, readText: () => denied }
    const probe = httpProbe(`http://127.0.0.1:${await closedPort()}/`, { password_file: path })
    const { finding } = await askOne(probe, { host: { ...host, files } })
    expect(messageOf(finding, 'service')).toContain(`could not be tried: permission denied on ${path}`)
  })
})

it('an expression that takes too long on an answer says nothing of the service', async () => {
  const port = await httpServer((_, response) => response.end('x'.repeat(60_000)))
  const probe = httpProbe(`http://127.0.0.1:${port}/`, { expect: { status: null, body: '/.*.*=.*z/' } })
  const { finding } = await askOne(probe)
  expect(finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
})

describe('a server that', () => {
  const drip = (socket: Socket, text: string): void => {
    let at = 0
    const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), 20)
    socket.on('close', () => clearInterval(timer))
  }

  it.each<[string, (socket: Socket) => void]>([
    ['hangs', () => {}],
    [
      'drips',
      (socket) => drip(socket, `HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n${'x'.repeat(9999)}`),
    ],
  ])('%s fails in its time', async (_, handle) => {
    const port = await rawServer(handle)
    const begun = performance.now()
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${port}/`, { timeout: 0.3 }))
    expect(performance.now() - begun).toBeGreaterThan(290)
    expect(finding).toMatchObject({
      code: 'failed',
      status: 'critical',
      args: { reason: 'unanswered', cause: 'timeout' },
    })
    expect(messageOf(finding, 'service')).toContain('no answer in time')
  })

  it.each<[string, (socket: Socket) => void, string]>([
    ['talks something else', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'malformed'],
    ['closes midway', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf'), 'io'],
    ['closes at once', (socket) => socket.end(), 'io'],
    ['resets', (socket) => socket.resetAndDestroy(), 'io'],
  ])('%s fails', async (_, handle, cause) => {
    const port = await rawServer((socket) => socket.once('data', () => handle(socket)))
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${port}/`))
    expect(finding).toMatchObject({ code: 'failed', args: { reason: 'unanswered', cause } })
  })

  it('is not there fails', async () => {
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${await closedPort()}/`))
    expect(finding).toMatchObject({ code: 'failed', args: { cause: 'refused' } })
    expect(messageOf(finding, 'service')).toContain('failed: connection refused — start what')
  })
})

describe('what could not be asked', () => {
  it.each([
    'http://no-such-host.invalid/',
    'http://u:%zz@127.0.0.1:1/',
    'http://127.0.0.1:99999/',
    'http://[::1/',
  ])('%s is unknown', async (address) => {
    const { finding } = await askOne(httpProbe(address))
    expect(finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
  })
})

it('neither credentials nor a query are in the finding', async () => {
  const port = await httpServer((_, response) => response.writeHead(503).end('s3cret'))
  const { finding } = await askOne(httpProbe(`http://bob:s3cret@127.0.0.1:${port}/h?token=s3cret`))
  expect(finding.item).toBe(`http 127.0.0.1:${port}/h?…`)
  expect(JSON.stringify(finding)).not.toMatch(/s3cret|bob/)
})
