import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { failed, value } from '../../src/core/reading.ts'
import { makeEngineCalls } from '../../src/host/engine-calls.ts'
import type { Host } from '../../src/host/host.ts'
import { makeHttp } from '../../src/host/http.ts'
import { limitContainerChange, limitUnitChange } from '../../src/host/limit-change.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

// What a real engine and a real systemd do is in test/e2e/limits.test.ts; here they refuse.
const top = tempFolder('limit-change')
const id = 'ab'.repeat(32)
const mib = 1024 ** 2
let count = 0

const engine = async (config: object, status = 200, message = '') => {
  const socketPath = join(top, `${count++}.sock`)
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      if (request.url?.endsWith('/json')) {
        response.end(
          JSON.stringify({ Id: id, Name: '/web', State: { Status: 'running' }, HostConfig: config }),
        )
        return
      }
      bodies.push(JSON.parse(body))
      response.writeHead(status).end(JSON.stringify(status < 400 ? {} : { message }))
    })
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const calls = makeEngineCalls({ ...liveBase, env: { DOCKER_HOST: `unix://${socketPath}` } }, makeHttp())
  return { calls, bodies }
}

const limit = { kind: 'limit-container', id, name: 'web', reason: 'a test' } as const

describe('docker update', () => {
  it('swap keeps its share; no limit is the highest, since the engine takes no none', async () => {
    const { calls, bodies } = await engine({ Memory: 100 * mib, MemorySwap: 150 * mib })
    const set = async (limits: object, cgroups: 'v1' | 'v2' = 'v2') =>
      (await limitContainerChange({ ...limit, ...limits }, calls, cgroups).perform()).outcome
    expect(await set({ memoryBytes: 200 * mib })).toBe('done')
    expect(await set({ memoryBytes: null })).toBe('done')
    expect(await set({ reservationBytes: null })).toBe('done')
    expect(await set({ reservationBytes: null }, 'v1')).toBe('done')
    const highest = (bodies[1] as { Memory: number }).Memory
    expect(highest).toBeGreaterThan(2 ** 62)
    expect(bodies).toEqual([
      { Memory: 200 * mib, MemorySwap: 250 * mib },
      { Memory: highest, MemorySwap: highest },
      // memory.low of cgroup v2 protects: the least. The soft limit of v1 never above the limit.
      { MemoryReservation: 6 * mib },
      { MemoryReservation: 100 * mib },
    ])
  })

  it('an engine that refuses is told in its own words, and nothing is called done', async () => {
    const { calls } = await engine({}, 500, 'Cannot update container: device or resource busy')
    expect(await limitContainerChange({ ...limit, memoryBytes: 64 * mib }, calls, 'v2').perform()).toEqual({
      outcome: 'failed',
      detail: 'the engine refuses: answered 500: Cannot update container: device or resource busy',
    })
    expect(limitContainerChange({ ...limit, id: '../x' }, calls, 'v2').obstacle()).toMatchObject({
      outcome: 'failed',
    })
  })
})

describe('systemctl set-property', () => {
  const base = { ...liveBase, at: (path: string) => (path === '/run/systemd/system' ? top : path) }
  const set = (unit: string, run: Host['run']) =>
    limitUnitChange(
      { kind: 'limit-unit', unit, runtime: true, memoryBytes: 64 * mib, reason: 'a test' },
      base,
      run,
    )

  it('a systemd that refuses, and one that is not there', async () => {
    const record = {
      exitCode: 1,
      signal: null,
      stdout: '',
      stderr: 'Failed to set unit properties on app.service: Access denied\n',
      truncated: false,
    }
    expect(await set('app', async () => value(record)).perform()).toEqual({
      outcome: 'failed',
      detail: 'Failed to set unit properties on app.service: Access denied',
    })
    expect(
      await set('app', async () => failed('timeout', 'systemctl', 'did not end within 10 s')).perform(),
    ).toEqual({
      outcome: 'failed',
      detail: 'systemctl: did not end within 10 s',
    })
  })

  it.each(['app*.service', '-H', 'a b', '../x.service'])(
    'a name such as %j never gets to systemctl',
    (unit) => {
      const never: Host['run'] = () => {
        throw new Error('it was run')
      }
      expect(set(unit, never).obstacle()).toMatchObject({
        outcome: 'failed',
        detail: 'that is no name of a unit',
      })
    },
  )
})
