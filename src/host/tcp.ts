import { createConnection, type Socket } from 'node:net'
import { failed, type Reading, value } from '../core/reading.ts'
import { socketFailure } from './http.ts'

/** setTimeout fires at once above this. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Connects and closes again; nothing is sent. `host` is a name or an address, IPv6 without brackets. Failures as those
 * of host/http.ts: `refused`, `timeout`, `denied`, `io`, and `malformed` for a port that is none. Never throws.
 */
export const connectTcp = (host: string, port: number, timeoutMs: number): Promise<Reading<true>> => {
  const what = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return new Promise((resolve) => {
    let socket: Socket | null = null
    const settle = (answer: Reading<true>) => {
      clearTimeout(timer)
      socket?.destroy()
      resolve(answer)
    }
    const timer = setTimeout(
      () => settle(failed('timeout', what, `no connection within ${timeoutMs} ms`)),
      Math.min(Math.max(timeoutMs, 0), longestTimerMs),
    )
    try {
      socket = createConnection({ host, port })
      socket.on('connect', () => settle(value(true)))
      socket.on('error', (error) => settle(socketFailure(error, what)))
    } catch (error) {
      settle(socketFailure(error, what))
    }
  })
}
