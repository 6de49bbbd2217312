import { failed } from '../../core/reading.ts'
import { fieldsOf } from '../../parse/json-fields.ts'
import {
  answeredWell,
  type JsonRpcProbe,
  notTried,
  type Outcome,
  type ProbeKind,
  type Question,
  unanswered,
  wrong,
} from './probe.ts'
import { addressProblem, credentialsOf, serverWords, shownAddress } from './web.ts'

/** Some methods answer with a wallet's whole history; a liveness question should not. */
const maxBodyBytes = 8 * 1024 * 1024

const id = 1

/**
 * A JSON-RPC 2.0 call (https://www.jsonrpc.org/specification) whose answer has a result, no error and the id of the
 * call. Version 1 servers say `"error": null` beside the result, and bitcoind answers errors with HTTP 500 or 404.
 */
export const jsonrpc: ProbeKind<JsonRpcProbe> = {
  item: (probe) => `jsonrpc ${shownAddress(probe.jsonrpc)} ${probe.method}`,

  async ask({ host, timeoutMs }: Question, probe): Promise<Outcome> {
    const problem = addressProblem(probe.jsonrpc)
    if (problem !== null && problem.kind !== 'value') return notTried(problem)
    const credentials = credentialsOf(host, probe)
    if (credentials.kind !== 'value') return notTried(credentials)
    const answer = await host.net.http(
      { url: probe.jsonrpc },
      {
        ...credentials.value,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id, method: probe.method, params: [] }),
        timeoutMs,
        maxBodyBytes,
      },
    )
    if (answer.kind !== 'value') return unanswered(answer)
    if (answer.value.truncated)
      return notTried(failed('malformed', shownAddress(probe.jsonrpc), 'answer is larger than 8 MiB'))
    return judge(answer.value.status, answer.value.body, credentials.value.password)
  },
}

const judge = (status: number, body: string, password: string | undefined): Outcome => {
  if (status === 401) return wrong('password-refused', { status })
  const json = jsonOf(body)
  const answer = fieldsOf(json)
  // An error tells more than the status it came with.
  if (answer.error !== undefined && answer.error !== null)
    return wrong('rpc-error', { status, message: serverWords(errorWords(answer.error), password) })
  if (status < 200 || status > 299) return wrong('status', { status, wantedStatus: null })
  if (json === undefined) return wrong('not-json', { status })
  if (!Object.hasOwn(answer, 'result')) return wrong('no-result', { status })
  return answer.id === id ? answeredWell({ status }) : wrong('wrong-id', { status })
}

/** `{"code": -32601, "message": "Method not found"}`; some servers send plain text instead. */
const errorWords = (error: unknown): string => {
  const { code, message } = fieldsOf(error)
  if (typeof message === 'string') return typeof code === 'number' ? `${message} (${code})` : message
  return typeof error === 'string' ? error : JSON.stringify(error)
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
