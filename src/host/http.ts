import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { clip } from '../core/escape.ts'
import { type Failed, type FailureCause, failed, type Reading, value } from '../core/reading.ts'

const defaultTimeoutMs = 10_000
const defaultMaxBodyBytes = 1024 * 1024
/** setTimeout fires at once above this. */
const longestTimerMs = 2 ** 31 - 1

/** A path on a unix socket, or an http:// or https:// URL. */
export type HttpTarget = { socketPath: string; path: string } | { url: string }

export interface HttpOptions {
  /** Default `GET`. */
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** Basic authentication; user and password in the URL do the same. */
  user?: string
  password?: string
  /** From the call to the last byte of the answer, name lookup included; default 10 s. */
  timeoutMs?: number
  /** A longer answer is cut there and says so; default 1 MiB. */
  maxBodyBytes?: number
}

export interface HttpResponse {
  status: number
  /** Lower-case names; several of one name are joined by `, `. */
  headers: Record<string, string>
  /** UTF-8; bytes that are not valid become U+FFFD. */
  body: string
  /** The same as it came. */
  bodyBytes: Uint8Array
  truncated: boolean
}

/** Never throws. Any status is a value, redirects (not followed) and 500 too. */
export type HttpRequest = (target: HttpTarget, options?: HttpOptions) => Promise<Reading<HttpResponse>>

/**
 * One client with its kept-alive connections; idle ones do not keep the program running. Failures: `timeout`,
 * `refused` (nobody listens), `denied` (socket's permissions), `vanished` (no such socket), `malformed` (no HTTP, or a
 * URL or header that cannot be sent), `io` (all else: name not found, TLS, connection cut). `what` is the socket or
 * the URL's origin only: paths of webhooks are secrets.
 */
export const makeHttp = (): HttpRequest => {
  const agents = new Map<string, Agent>()
  return async (target, options = {}) => {
    const { timeoutMs = defaultTimeoutMs } = options
    const what = nameOf(target)
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), Math.min(Math.max(timeoutMs, 0), longestTimerMs))
    const answer = await ask(target, options, agents, abort.signal).catch((error) =>
      socketFailure(error, what),
    )
    clearTimeout(timer)
    // An abort shows as a cut connection.
    const late = abort.signal.aborted && answer.kind !== 'value'
    return late ? failed('timeout', what, `no whole answer within ${timeoutMs} ms`) : answer
  }
}

/** Rejects for what cannot be sent. */
const ask = async (
  target: HttpTarget,
  options: HttpOptions,
  agents: Map<string, Agent>,
  signal: AbortSignal,
): Promise<Reading<HttpResponse>> => {
  const url = new URL('socketPath' in target ? `http://localhost${target.path}` : target.url)
  const what = nameOf(target)
  if (!/^https?:$/.test(url.protocol)) return failed('malformed', what, 'is neither http:// nor https://')
  const { request, Agent } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  const agent = agents.get(url.protocol) ?? new Agent({ keepAlive: true })
  agents.set(url.protocol, agent)
  const { method = 'GET', body, maxBodyBytes = defaultMaxBodyBytes } = options
  const settings: RequestOptions = {
    ...('socketPath' in target ? { socketPath: target.socketPath } : addressOf(url)),
    path: `${url.pathname}${url.search}`,
    method,
    headers: headersOf(url, options),
    signal,
    ...(url.protocol === 'http:' ? noServerName : {}),
  }
  const send = (via: Agent | false) =>
    exchange(request({ ...settings, agent: via }), body, maxBodyBytes, what)
  // The server may close a kept connection in the instant it is used again: then the request goes over a new one.
  // What must not be done twice (POST) never uses a kept one.
  const answer = await send(method === 'GET' || method === 'HEAD' ? agent : false)
  const sound = answer === 'stale' ? await send(false) : answer
  return sound === 'stale' ? failed('io', what, 'connection was closed') : sound
}

/**
 * A name for TLS alone, which Node 20 works out for plain HTTP too: its pattern of an IPv6 address takes 9 ms to compile.
 */
const noServerName = { servername: '' }

const nameOf = (target: HttpTarget): string => {
  if ('socketPath' in target) return `unix://${target.socketPath}`
  return URL.canParse(target.url) ? new URL(target.url).origin : 'URL'
}

/** Settles with the first that happens: a whole answer, a cut one, an error, the end of the connection. */
const exchange = (
  request: ClientRequest,
  body: string | undefined,
  maxBodyBytes: number,
  what: string,
): Promise<Reading<HttpResponse> | 'stale'> =>
  new Promise((resolve) => {
    request.on('response', (response) => readAnswer(response, maxBodyBytes, what, resolve))
    request.on('error', (error) => {
      const code = codeOf(error)
      const stale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
      resolve(stale ? 'stale' : socketFailure(error, what))
    })
    request.on('close', () => resolve(failed('io', what, 'connection was closed without an answer')))
    request.end(body)
  })

const readAnswer = (
  response: IncomingMessage,
  maxBodyBytes: number,
  what: string,
  resolve: (answer: Reading<HttpResponse>) => void,
): void => {
  const chunks: Buffer[] = []
  let bytes = 0
  const finish = () => {
    const headers = Object.entries(response.headers).flatMap(([name, values]) =>
      values === undefined ? [] : [[name, Array.isArray(values) ? values.join(', ') : values] as const],
    )
    const bodyBytes = Buffer.concat(chunks)
    resolve(
      value({
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(headers),
        body: bodyBytes.toString('utf8'),
        bodyBytes,
        truncated: bytes > maxBodyBytes,
      }),
    )
  }
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk.subarray(0, Math.max(0, maxBodyBytes - bytes)))
    bytes += chunk.length
    if (bytes <= maxBodyBytes) return
    finish()
    response.destroy()
  })
  response.on('end', finish)
  const cut = () => resolve(failed('io', what, 'connection was closed in the middle of the answer'))
  response.on('error', cut)
  response.on('close', cut)
}

const addressOf = (url: URL): RequestOptions => ({
  hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
  ...(url.port === '' ? {} : { port: url.port }),
})

const headersOf = (url: URL, options: HttpOptions): Record<string, string> => {
  const user = options.user ?? decodeURIComponent(url.username)
  const password = options.password ?? decodeURIComponent(url.password)
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  return {
    'user-agent': 'oratio-health',
    ...(user === '' && password === '' ? {} : { authorization: `Basic ${basic}` }),
    ...options.headers,
  }
}

const causes: Record<string, FailureCause> = {
  ECONNREFUSED: 'refused',
  // A path that is a plain file, or a datagram socket.
  ENOTSOCK: 'refused',
  EPROTOTYPE: 'refused',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'vanished',
  ETIMEDOUT: 'timeout',
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** What a socket's error means, Node's own refusals (`ERR_…`) too; `what` is what was asked. */
export const socketFailure = (error: unknown, what: string): Failed => {
  const code = codeOf(error)
  // HPE_…: Node's HTTP parser. ERR_INVALID_… and URIError: a URL, header or method that cannot be sent.
  const unsendable =
    /^(HPE_|ERR_INVALID_|ERR_UNESCAPED_|ERR_SOCKET_BAD_PORT)/.test(code) || error instanceof URIError
  const words = error instanceof Error && error.message !== '' ? error.message : code
  return failed(unsendable ? 'malformed' : (causes[code] ?? 'io'), what, clip(words, 200))
}
