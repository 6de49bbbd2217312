import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { messageOf } from '../../../src/report/sentence.ts'
import { askOne, closedPort, rawServer, tcpProbe } from './real-host.ts'

describe('tcp', () => {
  it('is fine when the connection is accepted, and closes it', async () => {
    const closed: Promise<void>[] = []
    const port = await rawServer((socket) => {
      closed.push(new Promise((resolve) => socket.resume().once('close', () => resolve())))
    })
    const { finding } = await askOne(tcpProbe(`127.0.0.1:${port}`))
    expect(finding).toMatchObject({ code: 'ok', item: `tcp 127.0.0.1:${port}` })
    await Promise.all(closed)
  })

  it('takes names and IPv6', async () => {
    const server = createServer().listen(0, '::')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    for (const address of [`[::1]:${port}`, `localhost:${port}`])
      expect((await askOne(tcpProbe(address))).finding.code).toBe('ok')
  })

  it('fails when it is refused', async () => {
    const port = await closedPort()
    const { finding } = await askOne(tcpProbe(`127.0.0.1:${port}`))
    expect(finding).toMatchObject({ code: 'failed', status: 'critical', args: { cause: 'refused' } })
    expect(messageOf(finding, 'service')).toContain('failed: connection refused')
  })

  it.each(['no-such-host.invalid:80', '127.0.0.1:99999', '127.0.0.1:0'])(
    '%s is unknown or failed, never fine',
    async (address) => {
      const { finding } = await askOne(tcpProbe(address))
      expect(['failed', 'unreadable']).toContain(finding.code)
    },
  )

  it.each(['no-such-host.invalid:80', '127.0.0.1:99999'])('%s could not be asked', async (address) => {
    expect((await askOne(tcpProbe(address))).finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
  })
})
