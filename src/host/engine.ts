import { mapBounded } from '../core/bounded.ts'
import { clip } from '../core/escape.ts'
import type { ContainerFacts } from '../core/facts.ts'
import { absent, type Failed, failed, mapReading, type Reading, value } from '../core/reading.ts'
import { formatBytes } from '../core/units.ts'
import type { EngineAddress } from '../parse/docker-host.ts'
import { parseEngineContainer } from '../parse/engine-container.ts'
import { parseEngineListing } from '../parse/engine-listing.ts'
import { countLines, parseEngineLog } from '../parse/engine-log.ts'
import { fieldsOf, textOf } from '../parse/json-fields.ts'
import type { HostBase } from './base.ts'
import { readCaptured } from './captured.ts'
import { findEngine } from './find-engine.ts'
import type { HostEngine } from './host.ts'
import type { HttpRequest, HttpTarget } from './http.ts'
import { monotonicMs } from './monotonic.ts'

/** A container at its memory limit can make the engine wait for ever. */
const defaultTimeouts = { callMs: 5000, allMs: 10_000 }
/** Incident O4: however many containers there are. */
const atOnce = 20
/** An inspection has 5–20 kB, a listing 1 kB a container. */
const maxBodyBytes = 64 * 1024 * 1024

/**
 * Docker's Engine API, or Podman's, by its socket. Never `/stats`: it takes 1–2.5 s, the cgroup files tell the same in
 * under 1 ms. Paths have no version prefix: every engine then speaks its own newest API, while Docker 29 refuses 1.24
 * to 1.43, and Podman 4 knows the paths with and without.
 */
export const makeEngine = (
  base: HostBase,
  request: HttpRequest,
  timeouts: EngineTimeouts = defaultTimeouts,
): HostEngine => (base.live ? liveEngine(base, request, timeouts) : capturedEngine(base))

export interface EngineTimeouts {
  /** Of each call. */
  callMs: number
  /** Of the listing and all inspections together. */
  allMs: number
}

const liveEngine = (base: HostBase, request: HttpRequest, { callMs, allMs }: EngineTimeouts): HostEngine => ({
  endpoint: async () => mapReading(findEngine(base), nameOf),
  async containers() {
    const address = findEngine(base)
    if (address.kind !== 'value') return address
    const endBy = monotonicMs() + allMs
    const ask: Ask = (path, parse) =>
      askEngine(request, address.value, Math.min(callMs, endBy - monotonicMs()), path, parse)
    const listing = await ask('/containers/json?all=1', parseEngineListing)
    if (listing.kind !== 'value') return listing.kind === 'not-found' ? noEngine(address.value) : listing
    const inspected = await mapBounded(listing.value, atOnce, (listed) => inspect(ask, listed))
    const containers = inspected.filter((container) => container !== null)
    return value(
      isThisHost(address.value)
        ? containers
        : containers.map((container) => elsewhere(container, address.value)),
    )
  },
  async logs(id, sinceSeconds, maxBytes, timeoutMs = callMs, maxLines = maxLogLines) {
    const address = findEngine(base)
    if (address.kind !== 'value') return address
    return askLogs(request, address.value, id, sinceSeconds, { timeoutMs, maxBytes, maxLines })
  },
  async events(sinceSeconds, untilSeconds, timeoutMs) {
    const address = findEngine(base)
    if (address.kind !== 'value') return address
    const target = targetOf(address.value, eventsPath(sinceSeconds, untilSeconds))
    const answer = await request(target, { timeoutMs, maxBodyBytes: maxEventBytes })
    if (answer.kind !== 'value') return answer
    const { status, body, truncated } = answer.value
    if (status !== 200)
      return failed(isDenial(status) ? 'denied' : 'io', nameOf(address.value), reasonOf(status, jsonOf(body)))
    return value({ text: body, truncated })
  },
})

type Answer<T> = { kind: 'value'; value: T } | { kind: 'not-found' } | Failed
type Ask = <T>(path: string, parse: (json: unknown) => Reading<T>) => Promise<Answer<T>>

/**
 * Null, and left out, when it was removed since the listing. One whose inspection fails otherwise, or hangs, stays as
 * it was listed, with the reason: its state is known, and the others must not be lost for it.
 */
const inspect = async (ask: Ask, listed: ContainerFacts): Promise<ContainerFacts | null> => {
  const inspected = await ask(`/containers/${listed.id}/json`, parseEngineContainer)
  if (inspected.kind === 'value') return inspected.value
  return inspected.kind === 'not-found' ? null : { ...listed, notInspected: inspected }
}

/**
 * `tail` is what keeps the engine from reading a log of gigabytes from its beginning, to find where `since` lies: the
 * json-file driver then begins at the end.
 */
const maxLogLines = 50_000

const maxEventBytes = 4 * 1024 * 1024

/**
 * With `until` the engine tells what it knows and ends then, instead of waiting for more. `died` is Podman's word; both
 * engines read the fraction of a second, without which the newest events would be missing.
 */
const eventsPath = (sinceSeconds: number, untilSeconds: number): string => {
  const filters = JSON.stringify({ type: ['container'], event: ['die', 'died', 'oom', 'kill'] })
  const since = Math.max(0, Math.floor(sinceSeconds))
  return `/events?since=${since}&until=${Math.max(0, untilSeconds).toFixed(3)}&filters=${encodeURIComponent(filters)}`
}

const isDenial = (status: number): boolean => status === 401 || status === 403

const askLogs = async (
  request: HttpRequest,
  address: EngineAddress,
  id: string,
  sinceSeconds: number,
  bounds: { timeoutMs: number; maxBytes: number; maxLines: number },
): Promise<Reading<{ text: string; truncated: boolean }>> => {
  const name = nameOf(address)
  const since = Math.max(0, Math.floor(sinceSeconds))
  const query = `stdout=1&stderr=1&timestamps=1&tail=${bounds.maxLines}&since=${since}`
  const path = `/containers/${encodeURIComponent(id)}/logs?${query}`
  const { maxBytes: maxBodyBytes, timeoutMs } = bounds
  const answer = await request(targetOf(address, path), { timeoutMs, maxBodyBytes })
  if (answer.kind !== 'value') return answer
  const { status, body, bodyBytes, truncated } = answer.value
  if (status === 404) return failed('vanished', `container ${id.slice(0, 12)}`, 'the engine does not know it')
  if (status !== 200) return failed(isDenial(status) ? 'denied' : 'io', name, reasonOf(status, jsonOf(body)))
  const text = parseEngineLog(bodyBytes)
  return value({ text, truncated: truncated || countLines(text) >= bounds.maxLines })
}

const askEngine = async <T>(
  request: HttpRequest,
  address: EngineAddress,
  timeoutMs: number,
  path: string,
  parse: (json: unknown) => Reading<T>,
): Promise<Answer<T>> => {
  const name = nameOf(address)
  if (timeoutMs <= 0) return failed('timeout', name, 'no time was left to ask about it')
  const answer = await request(targetOf(address, path), { timeoutMs, maxBodyBytes })
  if (answer.kind !== 'value') return answer.kind === 'failed' ? answer : failed('io', name, 'gave no answer')
  const { status, body, truncated } = answer.value
  if (status === 404) return { kind: 'not-found' }
  const json = jsonOf(body)
  if (status !== 200) return failed(isDenial(status) ? 'denied' : 'io', name, reasonOf(status, json))
  if (truncated) return failed('malformed', name, `answer is larger than ${formatBytes(maxBodyBytes)}`)
  const parsed = json === undefined ? failed('malformed', name, 'answer is no JSON') : parse(json)
  return parsed.kind === 'value' ? parsed : failed('malformed', name, 'detail' in parsed ? parsed.detail : '')
}

/** Engines say why as `{"message": "…"}`; proxies in between (which answer 403 to what they forbid) may not. */
export const reasonOf = (status: number, json: unknown): string => {
  const message = textOf(fieldsOf(json).message)
  return message === null ? `answered ${status}` : `answered ${status}: ${clip(message, 200)}`
}

const noEngine = (address: EngineAddress): Failed =>
  failed('malformed', nameOf(address), 'is no container engine: it answered 404')

export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const nameOf = (address: EngineAddress): string =>
  address.kind === 'unix' ? `unix://${address.socketPath}` : address.url.replace('http:', 'tcp:')

export const targetOf = (address: EngineAddress, path: string): HttpTarget =>
  address.kind === 'unix' ? { socketPath: address.socketPath, path } : { url: `${address.url}${path}` }

const isThisHost = (address: EngineAddress): boolean => address.kind === 'unix' || address.loopback

/** A pid that another host's engine tells must not be looked up here; without one nothing of it can be measured. */
const elsewhere = (container: ContainerFacts, address: EngineAddress): ContainerFacts =>
  container.pid === null
    ? { ...container, isElsewhere: true }
    : {
        ...container,
        pid: null,
        isElsewhere: true,
        notInspected: failed('io', nameOf(address), 'is another host, to be measured there'),
      }

/** `cmd/containers.json`: an array of `GET /containers/ID/json` documents. */
const capturedEngine = (base: HostBase): HostEngine => {
  const file = 'cmd/containers.json'
  const read = (): Reading<string> => {
    const text = readCaptured(base, 'containers.json', maxBodyBytes)
    return text.kind === 'absent' ? absent('container engine') : text
  }
  return {
    endpoint: async () => mapReading(read(), () => file),
    logs: async () => absent('log of a captured container'),
    events: async () => absent('events of a captured engine'),
    async containers() {
      const text = read()
      if (text.kind !== 'value') return text
      const documents = jsonOf(text.value)
      if (!Array.isArray(documents)) return failed('malformed', file, 'is no JSON array')
      const containers: ContainerFacts[] = []
      for (const document of documents) {
        const container = parseEngineContainer(document)
        if (container.kind !== 'value') return container
        containers.push(container.value)
      }
      return value(containers)
    },
  }
}
