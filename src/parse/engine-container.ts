import type { ContainerFacts } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'
import { fieldsOf, positiveOf, textOf, textsOf, wholeNumberOf } from './json-fields.ts'
import { parseRfc3339 } from './rfc3339.ts'

/**
 * One document of `GET /containers/ID/json` (Engine API 1.41 to 1.52, and Podman's), parsed as JSON. Only the id must
 * be there; all else that is missing or of another type reads as "none". Fields:
 * https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect
 */
export const parseEngineContainer = (json: unknown): Reading<ContainerFacts> => {
  const container = fieldsOf(json)
  const id = containerId(container.Id)
  if (id === null) return failed('malformed', 'container', 'inspection has no Id')
  const state = fieldsOf(container.State)
  const config = fieldsOf(container.Config)
  const hostConfig = fieldsOf(container.HostConfig)
  const now = containerState(state.Status) ?? stateByFlags(state)
  const ended = now === 'exited' || now === 'dead'
  return value({
    id,
    name: withoutSlash(textOf(container.Name)) ?? id.slice(0, 12),
    image: textOf(config.Image) ?? textOf(container.Image) ?? '',
    state: now,
    // Podman's own form, which its compatible API had before 4.0, calls it Healthcheck.
    health:
      containerHealth(fieldsOf(state.Health).Status) ?? containerHealth(fieldsOf(state.Healthcheck).Status),
    // Some engines keep the pid of a container that ended; by now it may be anybody's.
    pid: ended || now === 'created' || now === 'restarting' ? null : positiveOf(state.Pid),
    startedAtMs: instant(state.StartedAt),
    finishedAtMs: instant(state.FinishedAt),
    // Of a running container the field is 0 and means nothing; of a restarting one it is why.
    exitCode: ended || now === 'restarting' ? wholeNumberOf(state.ExitCode) : null,
    oomKilled: state.OOMKilled === true,
    restartCount: positiveOf(container.RestartCount) ?? 0,
    restartPolicy: textOf(fieldsOf(hostConfig.RestartPolicy).Name) ?? 'no',
    memoryLimitBytes: positiveOf(hostConfig.Memory),
    memoryReservationBytes: positiveOf(hostConfig.MemoryReservation),
    networkMode: textOf(hostConfig.NetworkMode) ?? '',
    ...labelled(config.Labels),
  })
}

/** Hexadecimal, as it goes into URLs and is looked for in cgroup paths. */
export const containerId = (json: unknown): string | null =>
  typeof json === 'string' && /^[\da-f]{12,64}$/.test(json) ? json : null

/** Docker's names for states, and Podman's own (libpod/define/containerstate.go). */
const states = new Map<unknown, ContainerFacts['state']>([
  ['created', 'created'],
  ['running', 'running'],
  ['paused', 'paused'],
  ['restarting', 'restarting'],
  ['removing', 'removing'],
  ['exited', 'exited'],
  ['dead', 'dead'],
  ['configured', 'created'],
  ['initialized', 'created'],
  ['stopping', 'running'],
  // Podman 4.3 says it in its Docker-compatible API too.
  ['stopped', 'exited'],
])

/** Null for a state this program does not know. */
export const containerState = (json: unknown): ContainerFacts['state'] | null => states.get(json) ?? null

const stateByFlags = (state: Readonly<Record<string, unknown>>): ContainerFacts['state'] => {
  if (state.Dead === true) return 'dead'
  if (state.Restarting === true) return 'restarting'
  if (state.Paused === true) return 'paused'
  return state.Running === true ? 'running' : 'unknown'
}

/** Null without a health check (`none`, or nothing). */
export const containerHealth = (json: unknown): ContainerFacts['health'] =>
  json === 'healthy' || json === 'unhealthy' || json === 'starting' ? json : null

export const withoutSlash = (name: string | null): string | null => name?.replace(/^\//, '') || null

/** Labels, and what compose writes there: docker compose and podman-compose use the same keys. */
export const labelled = (
  json: unknown,
): Pick<ContainerFacts, 'labels' | 'composeProject' | 'composeService'> => {
  const labels = textsOf(json)
  return {
    labels,
    composeProject: textOf(labels['com.docker.compose.project'] ?? labels['io.podman.compose.project']),
    composeService: textOf(labels['com.docker.compose.service'] ?? labels['io.podman.compose.service']),
  }
}

/** "Never" is `0001-01-01T00:00:00Z`, before the epoch. */
const instant = (json: unknown): number | null => {
  const atMs = typeof json === 'string' ? parseRfc3339(json) : null
  return atMs !== null && atMs > 0 ? atMs : null
}
