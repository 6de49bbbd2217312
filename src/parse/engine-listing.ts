import type { ContainerFacts } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'
import { containerHealth, containerId, containerState, labelled, withoutSlash } from './engine-container.ts'
import { fieldsOf, textOf } from './json-fields.ts'

/**
 * The document of `GET /containers/json?all=1`, parsed as JSON. An entry tells id, name, image, state, health and
 * labels; the rest of the facts says "none" and means nothing. An entry without an id fails the whole: a container
 * must not be overlooked in silence.
 */
export const parseEngineListing = (json: unknown): Reading<ContainerFacts[]> => {
  if (!Array.isArray(json)) return failed('malformed', 'containers', 'listing is no JSON array')
  const containers: ContainerFacts[] = []
  for (const entry of json) {
    const container = listed(entry)
    if (container === null) return failed('malformed', 'containers', 'listing has an entry without an Id')
    containers.push(container)
  }
  return value(containers)
}

const listed = (json: unknown): ContainerFacts | null => {
  const entry = fieldsOf(json)
  const id = containerId(entry.Id)
  if (id === null) return null
  return {
    id,
    name: ownName(entry.Names) ?? id.slice(0, 12),
    image: textOf(entry.Image) ?? '',
    state: containerState(entry.State) ?? 'unknown',
    health: containerHealth(fieldsOf(entry.Health).Status) ?? healthIn(textOf(entry.Status) ?? ''),
    pid: null,
    startedAtMs: null,
    finishedAtMs: null,
    exitCode: null,
    oomKilled: false,
    restartCount: 0,
    restartPolicy: '',
    memoryLimitBytes: null,
    memoryReservationBytes: null,
    networkMode: '',
    ...labelled(entry.Labels),
  }
}

/** Links of other containers add names such as `/web/db`; its own has one slash. */
const ownName = (json: unknown): string | null => {
  const names = Array.isArray(json) ? json.filter((name) => typeof name === 'string') : []
  return withoutSlash(names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0] ?? null)
}

/** `Up 5 minutes (health: starting)`; a field of its own since API 1.52. */
const healthIn = (status: string): ContainerFacts['health'] =>
  containerHealth(/\((?:health: )?(healthy|unhealthy|starting)\)$/.exec(status)?.[1])
