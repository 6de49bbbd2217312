import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { connectTcp } from '../../src/host/tcp.ts'
import { bundle } from '../support/bundle.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder('tcp')

it('a connection that gets no answer runs into its time-out', async () => {
  const child = spawn(process.execPath, [bundle('host/child/deaf-listener.ts', folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child.stdout, 'data')
  const port = Number(String(said))
  // Fills the queue.
  const fillers = Array.from({ length: 8 }, () => createConnection(port, '127.0.0.1').on('error', () => {}))
  onTestFinished(() => {
    for (const socket of fillers) socket.destroy()
  })
  await Promise.race(fillers.map((socket) => once(socket, 'connect')))
  const answers = [await connectTcp('127.0.0.1', port, 400), await connectTcp('127.0.0.1', port, 400)]
  expect(answers.at(-1)).toMatchObject({ kind: 'failed', cause: 'timeout', what: `127.0.0.1:${port}` })
})

it.each([-1, 65_536, Number.NaN])('port %d is malformed', async (port) => {
  expect(await connectTcp('127.0.0.1', port, 1000)).toMatchObject({ kind: 'failed', cause: 'malformed' })
})

it('says which address it was, IPv6 in brackets', async () => {
  expect(await connectTcp('::1', 1, 1000)).toMatchObject({ kind: 'failed', what: '[::1]:1' })
})
