import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One alert as Alertmanager tells it to a webhook. */
export interface Told {
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
  startsAt: string
  endsAt: string
  /** By the receiver's clock. */
  atMs: number
}

export interface Receiver {
  url: string
  told: readonly Told[]
  close(): void
}

/** Where the pager would be. */
export const startReceiver = async (): Promise<Receiver> => {
  const told: Told[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    request.on('end', () => {
      const { alerts } = JSON.parse(text) as { alerts: Omit<Told, 'atMs'>[] }
      told.push(...alerts.map((alert) => ({ ...alert, atMs: Date.now() })))
      response.end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, told, close: () => server.close() }
}
