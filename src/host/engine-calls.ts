import type { ContainerFacts } from '../core/facts.ts'
import { absent, failed, mapReading, type Reading, value } from '../core/reading.ts'
import { parseEngineContainer } from '../parse/engine-container.ts'
import { fieldsOf } from '../parse/json-fields.ts'
import type { HostBase } from './base.ts'
import { jsonOf, nameOf, reasonOf, targetOf } from './engine.ts'
import { findEngine } from './find-engine.ts'
import type { HttpRequest, HttpResponse } from './http.ts'

const inspectMs = 5000

/** What changes a container, and the look before and after. Only for the actions: commands have `host.engine`. */
export interface EngineCalls {
  /** A POST, e.g. `/containers/ID/stop?t=3`, without a body or with one as JSON. */
  post(path: string, timeoutMs: number, body?: object): Promise<Reading<EngineReply>>
  /** `absent` when there is no such container. */
  inspect(id: string): Promise<Reading<Inspected>>
}

export interface EngineReply {
  status: number
  /** `answered 500: …` with the engine's own message; empty for 2xx and 3xx. */
  why: string
}

export interface Inspected {
  container: ContainerFacts
  /** `docker run --rm`: it is removed with all it holds when it stops. */
  removesItself: boolean
  /** Memory and swap together; -1: no bound, 0: not set. */
  memorySwapBytes: number
}

/** Docker's and Podman's Engine API; see engine.ts on paths without a version. */
export const makeEngineCalls = (base: HostBase, http: HttpRequest): EngineCalls => {
  const ask = async (
    method: string,
    path: string,
    timeoutMs: number,
    content?: object,
  ): Promise<Reading<HttpResponse>> => {
    const address = findEngine(base)
    if (address.kind === 'absent') return failed('vanished', 'container engine', 'no socket of one is here')
    if (address.kind === 'failed') return address
    const body = content === undefined ? '' : JSON.stringify(content)
    const type = content === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { 'content-length': `${Buffer.byteLength(body)}`, ...type }
    const options = { method, timeoutMs, headers, ...(body === '' ? {} : { body }) }
    const answer = await http(targetOf(address.value, path), options)
    return answer.kind === 'absent' ? failed('io', nameOf(address.value), 'gave no answer') : answer
  }
  return {
    post: async (path, timeoutMs, content) =>
      mapReading(await ask('POST', path, timeoutMs, content), ({ status, body }) => ({
        status,
        why: status < 400 ? '' : reasonOf(status, jsonOf(body)),
      })),
    async inspect(id) {
      const answer = await ask('GET', `/containers/${id}/json`, inspectMs)
      if (answer.kind !== 'value') return answer
      const { status, body } = answer.value
      if (status === 404) return absent('container')
      const json = jsonOf(body)
      if (status !== 200) return failed('io', 'container engine', reasonOf(status, json))
      const parsed = parseEngineContainer(json)
      if (parsed.kind !== 'value')
        return failed('malformed', 'container engine', 'its answer is no inspection')
      const config = fieldsOf(fieldsOf(json).HostConfig)
      const swap = config.MemorySwap
      return value({
        container: parsed.value,
        removesItself: config.AutoRemove === true,
        memorySwapBytes: typeof swap === 'number' && Number.isFinite(swap) ? swap : 0,
      })
    },
  }
}
