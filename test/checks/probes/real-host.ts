import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Probe } from '../../../src/checks/probes/probe.ts'
import { runProbes } from '../../../src/checks/probes/run-probes.ts'
import type { Finding } from '../../../src/core/finding.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'
import type { Host, HostOutput } from '../../../src/host/host.ts'
import { makeHost } from '../../../src/host/real.ts'
import { serviceFacts } from '../../support/service-facts.ts'

/** This machine; `over` takes parts over, such as the clock. */
export const realHost = (over: Partial<Host> = {}): Host => ({
  ...makeHost({
    root: '/',
    dryRun: false,
    out: {} as HostOutput,
    onEndSignal: () => {},
    logAction: () => {},
  }),
  ...over,
})

/** Listens on a free port of 127.0.0.1 until the test is over. */
const listen = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

export const httpServer = (handle: RequestListener): Promise<number> => listen(createServer(handle))
export const rawServer = (handle: (socket: Socket) => void): Promise<number> =>
  listen(createTcpServer(handle))

/** A port where nobody listens. */
export const closedPort = async (): Promise<number> => {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The one finding of one probe, and what it remembers. */
export const askOne = async (
  probe: Probe,
  { host = realHost(), facts = {}, remembered = null as unknown } = {} as {
    host?: Host
    facts?: Partial<ServiceFacts>
    remembered?: unknown
  },
): Promise<{ finding: Finding; remember: unknown }> => {
  const { findings, remember } = await runProbes(
    host,
    [{ facts: serviceFacts(facts), probes: [probe] }],
    remembered,
  )
  const [finding, ...others] = findings.get(facts.name ?? 'web') ?? []
  if (finding === undefined || others.length > 0) throw new Error('not exactly one finding')
  return { finding, remember }
}

/** The servers are in this process, too, which may have to wait for a processor. */
const patience = { timeout: 60, retries: 0 }
const login = { user: null, password: null, password_file: null }

export const httpProbe = (http: string, more: object = {}): Probe => ({
  type: 'http',
  http,
  expect: { status: null, body: null },
  ...login,
  ...patience,
  ...more,
})
export const rpcProbe = (jsonrpc: string, more: object = {}): Probe => ({
  type: 'jsonrpc',
  jsonrpc,
  method: 'version',
  ...login,
  ...patience,
  ...more,
})
export const tcpProbe = (tcp: string, more: object = {}): Probe => ({
  type: 'tcp',
  tcp,
  ...patience,
  ...more,
})
export const execProbe = (exec: string[], more: object = {}): Probe => ({
  type: 'exec',
  exec,
  ...patience,
  ...more,
})
export const logProbe = (log: string, more: object = {}): Probe => ({
  type: 'log',
  log,
  file: null,
  within: 3600,
  warn: 1,
  crit: null,
  ...patience,
  ...more,
})
