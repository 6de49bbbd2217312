import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startContainerChange, stopContainerChange } from '../../src/host/container-change.ts'
import { makeEngineCalls } from '../../src/host/engine-calls.ts'
import { makeHttp } from '../../src/host/http.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('container')
const id = 'ab'.repeat(32)
const reason = 'a test'
/** The engine is in this process, too: who is not to wait in vain for an answer waits as long as a busy machine may take. */
const timesOf = (fake: FakeEngine | null) => {
  const within = (reply: Reply | undefined): number => (reply === 'hangs' ? 1500 : 20_000)
  return {
    ...{ beyondGraceMs: within(fake?.stop), callMs: within(fake?.kill) },
    ...{ startMs: within(fake?.start), settleMs: 30 },
  }
}

/** What an engine answers to a POST: a status, a status with the engine's words, or nothing for ever. */
type Reply = number | [status: number, message: string] | 'hangs'

interface FakeEngine {
  state: string
  startedAt?: string
  finishedAt?: string
  exitCode?: number
  autoRemove?: boolean
  stop?: Reply
  kill?: Reply
  start?: Reply
  unpause?: Reply
  /** What its state is after a call, answered or not; otherwise as it was. */
  after?: Record<string, Partial<FakeEngine>>
}

let count = 0

/**
 * A real HTTP server on a unix socket that speaks these endpoints of the Engine API as Docker 20 to 29 do (statuses
 * and `{"message": …}` of its documentation); null: nothing listens there.
 */
const engine = async (fake: FakeEngine | null) => {
  const asked: string[] = []
  const socketPath = join(top, `${count++}.sock`)
  const calls = makeEngineCalls({ ...liveBase, env: { DOCKER_HOST: `unix://${socketPath}` } }, makeHttp())
  if (fake === null) return { calls, asked }
  const now = { ...fake }
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const [, call = ''] = /^\/containers\/[\da-f]+\/(\w+)/.exec(request.url ?? '') ?? []
    if (call === 'json') return inspect(now, response)
    asked.push(`${request.method} ${(request.url ?? '').replace(id, 'ID')}`)
    const reply = now[call as 'stop'] ?? 204
    Object.assign(now, fake.after?.[call])
    if (reply === 'hangs') return
    const [status, message] = typeof reply === 'number' ? [reply, ''] : reply
    response.writeHead(status).end(message === '' ? '' : JSON.stringify({ message }))
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
  })
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return { calls, asked }
}

const inspect = (now: FakeEngine, response: ServerResponse): void => {
  if (now.state === 'gone') {
    response.writeHead(404).end(JSON.stringify({ message: `No such container: ${id}` }))
    return
  }
  if (now.state === 'hangs') return
  const { state, exitCode = 0, autoRemove = false } = now
  const { startedAt = '2026-01-01T00:00:00Z', finishedAt = '0001-01-01T00:00:00Z' } = now
  const document = {
    Id: id,
    Name: '/web',
    State: { Status: state, StartedAt: startedAt, FinishedAt: finishedAt, ExitCode: exitCode },
    HostConfig: { AutoRemove: autoRemove },
  }
  response.end(JSON.stringify(document))
}

const stop = async (fake: FakeEngine | null, graceSeconds = 0, containerId = id) => {
  const { calls, asked } = await engine(fake)
  const action = { kind: 'stop-container' as const, id: containerId, name: 'web', graceSeconds, reason }
  const change = stopContainerChange(action, calls, timesOf(fake))
  return { words: change.words, result: change.obstacle() ?? (await change.perform()), asked }
}

const start = async (fake: FakeEngine | null) => {
  const { calls, asked } = await engine(fake)
  const action = { kind: 'start-container' as const, id, name: 'web', reason }
  const change = startContainerChange(action, calls, timesOf(fake))
  return { words: change.words, result: change.obstacle() ?? (await change.perform()), asked }
}

const done = { outcome: 'done', detail: '' }
const exited = { state: 'exited' }

describe('stop', () => {
  it('asks with the grace and sees that it has ended', async () => {
    const { words, result, asked } = await stop({ state: 'running', after: { stop: exited } }, 3)
    expect(result).toEqual(done)
    expect(asked).toEqual(['POST /containers/ID/stop?t=3'])
    expect(words).toBe('stop container web (SIGTERM, after 3 s SIGKILL)')
  })

  it.each([
    [-1, 0],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 3600],
    [0.4, 1],
  ])('of a grace of %d s the engine gets %d: it takes -1 for "for ever"', async (given, sent) => {
    expect((await stop({ state: 'exited', stop: 304 }, given)).asked).toEqual([
      `POST /containers/ID/stop?t=${sent}`,
    ])
  })

  it('of one that is stopped already is done', async () => {
    const { result } = await stop({ state: 'exited', stop: 304 })
    expect(result).toEqual({ outcome: 'done', detail: 'it was stopped already' })
  })

  it('of one that is restarting ends that too', async () => {
    expect((await stop({ state: 'restarting', after: { stop: exited } })).result).toEqual(done)
  })

  it('of a paused one unpauses it first', async () => {
    const { result, asked } = await stop({
      state: 'paused',
      after: { unpause: { state: 'running' }, stop: exited },
    })
    expect(result).toEqual(done)
    expect(asked).toEqual(['POST /containers/ID/unpause', 'POST /containers/ID/stop?t=0'])
  })

  it('that hangs is followed by a kill', async () => {
    const { result, asked } = await stop({ state: 'running', stop: 'hangs', after: { kill: exited } })
    expect(result.outcome).toBe('done')
    expect(result.detail).toMatch(/^killed, since the engine's stop did not work: .* no whole answer within/)
    expect(asked).toEqual(['POST /containers/ID/stop?t=0', 'POST /containers/ID/kill?signal=SIGKILL'])
  })

  it('that fails in the engine is followed by a kill', async () => {
    const message = 'tried to kill container, but did not receive an exit event'
    const { result } = await stop({ state: 'running', stop: [500, message], after: { kill: exited } })
    expect(result).toMatchObject({ outcome: 'done', detail: expect.stringContaining(message) })
  })

  it('that worked though its answer came too late needs no kill', async () => {
    const { result, asked } = await stop({ state: 'running', stop: 'hangs', after: { stop: exited } })
    expect(result).toEqual(done)
    expect(asked).toEqual(['POST /containers/ID/stop?t=0'])
  })

  it('is not done when neither helps, and says why', async () => {
    const { result } = await stop({ state: 'running', stop: 'hangs', kill: [500, 'no\u001b[31m'] })
    expect(result.outcome).toBe('failed')
    expect(result.detail).toMatch(/^stop: .*; kill: answered 500: no\\x1b\[31m; it is still running$/)
  })

  it('is not done when it runs all the same, or again', async () => {
    expect((await stop({ state: 'running' })).result.detail).toBe('it is still running')
    const again = { state: 'running', startedAt: '2026-01-02T00:00:00Z' }
    expect((await stop({ state: 'running', after: { stop: again } })).result).toEqual({
      outcome: 'failed',
      detail: 'it was started again meanwhile',
    })
  })

  it('is not done when nobody can say whether it runs', async () => {
    const { result } = await stop({ state: 'hangs', stop: 204 })
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^whether it runs could not/),
    })
  })

  it('leaves one alone that would remove itself', async () => {
    const { result, asked } = await stop({ state: 'running', autoRemove: true })
    expect([result.outcome, asked]).toEqual(['failed', []])
    expect(result.detail).toMatch(/--rm/)
  })

  it('names one that vanished, a refusal, and an engine that is dead', async () => {
    const gone = { outcome: 'failed', detail: 'there is no such container any more' }
    expect((await stop({ state: 'gone' })).result).toEqual(gone)
    expect((await stop({ state: 'running', stop: 404 })).result).toEqual(gone)
    expect((await stop({ state: 'running', stop: [403, 'a proxy forbids it'] })).result).toEqual({
      outcome: 'failed',
      detail: 'answered 403: a proxy forbids it',
    })
    expect((await stop(null)).result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^unix:/),
    })
  })

  it.each(['', 'web', '../../../images/prune', `${id}/kill`, 'AB'.repeat(32)])(
    'takes no id %j',
    async (bad) => {
      const { result, asked } = await stop({ state: 'running' }, 0, bad)
      expect([result.outcome, asked]).toEqual(['failed', []])
    },
  )
})

describe('start', () => {
  it('is done when it runs a moment later', async () => {
    const { words, result, asked } = await start({ state: 'exited', after: { start: { state: 'running' } } })
    expect([words, result, asked]).toEqual(['start container web', done, ['POST /containers/ID/start']])
  })

  it('of one that runs already is done', async () => {
    expect((await start({ state: 'running', start: 304 })).result).toEqual({
      outcome: 'done',
      detail: 'it was running already',
    })
  })

  it('is not done when it ends at once, or again and again', async () => {
    const crash = { state: 'exited', exitCode: 127 }
    expect((await start({ state: 'exited', after: { start: crash } })).result.detail).toBe(
      'it ended at once with status 127',
    )
    const loop = { state: 'restarting', exitCode: 1 }
    expect((await start({ state: 'exited', after: { start: loop } })).result.detail).toBe(
      'it ended at once with status 1',
    )
    const again = { state: 'running', finishedAt: '2026-01-02T00:00:00Z' }
    expect((await start({ state: 'exited', after: { start: again } })).result).toEqual({
      outcome: 'failed',
      detail: 'it ended at once, and its restart policy started it again',
    })
  })

  it('says what the engine says', async () => {
    const message = 'driver failed: port is already allocated'
    expect((await start({ state: 'exited', start: [500, message] })).result).toEqual({
      outcome: 'failed',
      detail: `answered 500: ${message}`,
    })
    expect((await start({ state: 'exited', start: 404 })).result.detail).toMatch(/no such container/)
    expect((await start(null)).result).toMatchObject({ outcome: 'failed' })
  })

  it('that hangs is done when it runs all the same, else not', async () => {
    expect((await start({ state: 'running', start: 'hangs' })).result.outcome).toBe('done')
    expect((await start({ state: 'created', start: 'hangs' })).result.outcome).toBe('failed')
  })
})
