import type { CrashEvent } from '../../core/crash-event.ts'
import { crashEvent } from '../../core/crash-event.ts'
import { containerId } from '../engine-container.ts'
import { fieldsOf, textOf } from '../json-fields.ts'

export interface EngineEvents {
  events: CrashEvent[]
  /** Of containers that may be removed by now: by id. */
  names: Map<string, string>
  /** Lines that were events of containers. */
  count: number
}

interface Told {
  action: string
  id: string
  name: string
  atMs: number | null
  exitCode: number | null
  signal: string | null
}

/** So long after an `oom` or a `kill` the end of the container is because of it; `docker stop` waits 10 s in between. */
const becauseMs = 30_000

/**
 * The body of `GET /events` of Docker and of Podman, one JSON document a line: containers that ended by SIGKILL, SIGSEGV
 * or SIGABRT (128 + signal), and those that ran out of memory. The end that follows an `oom` is told with it. A line
 * that is cut off or of another form is left out.
 */
export const parseEngineEvents = (text: string): EngineEvents => {
  const told = text.split('\n').flatMap(toldIn)
  const names = new Map(told.map(({ id, name }) => [id, name]))
  const events = told.flatMap((one, i) => {
    const before = told.slice(0, i).filter((other) => other.id === one.id && isSoonAfter(other, one))
    if (one.action === 'oom') return [outOfMemory(one, endOf(told.slice(i + 1), one))]
    if (one.action !== 'die' || ![134, 137, 139].includes(one.exitCode ?? 0)) return []
    return before.some(({ action }) => action === 'oom') ? [] : [died(one, before)]
  })
  return { events, names, count: told.length }
}

const toldIn = (line: string): Told[] => {
  const entry = fieldsOf(parsed(line))
  const actor = fieldsOf(entry.Actor)
  const attributes = fieldsOf(actor.Attributes)
  const id = containerId(actor.ID) ?? containerId(entry.id)
  const action = textOf(entry.Action) ?? textOf(entry.status)
  if (id === null || action === null || (textOf(entry.Type) ?? 'container') !== 'container') return []
  return [
    {
      // Podman's own word.
      action: action === 'died' ? 'die' : action,
      id,
      name: textOf(attributes.name) ?? id.slice(0, 12),
      atMs: instantOf(entry.timeNano, 1e-6) ?? instantOf(entry.time, 1000),
      exitCode: wholeIn(textOf(attributes.exitCode) ?? textOf(attributes.containerExitCode)),
      signal: textOf(attributes.signal),
    },
  ]
}

const parsed = (line: string): unknown => {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

const instantOf = (number: unknown, factor: number): number | null =>
  typeof number === 'number' && number > 0 && Number.isFinite(number) ? Math.round(number * factor) : null

const wholeIn = (text: string | null): number | null =>
  text !== null && /^\d{1,3}$/.test(text) ? Number(text) : null

const isSoonAfter = (first: Told, then: Told): boolean =>
  first.atMs !== null &&
  then.atMs !== null &&
  then.atMs - first.atMs >= 0 &&
  then.atMs - first.atMs <= becauseMs

const endOf = (after: readonly Told[], oom: Told): Told | null =>
  after.find(({ id, action }) => id === oom.id && action === 'die') ?? null

const source = 'engine events'

const outOfMemory = ({ id, name, atMs }: Told, end: Told | null): CrashEvent =>
  crashEvent('oom-kill', source, atMs, `container ${name} ran out of memory`, {
    container: id,
    exitCode: end?.exitCode ?? null,
    oom: {
      scope: 'container',
      anonRssBytes: null,
      totalVmBytes: null,
      cgroup: null,
      limitBytes: null,
      invokedBy: null,
      tasks: [],
    },
  })

const died = ({ id, name, atMs, exitCode }: Told, before: readonly Told[]): CrashEvent => {
  const kill = before.findLast(({ action }) => action === 'kill')
  // Podman does not say which.
  const signal = kill?.signal == null ? 'a signal' : `signal ${kill.signal}`
  const why = kill === undefined ? '' : `; the engine was asked to send it ${signal} before`
  return crashEvent('container-exit', source, atMs, `container ${name} exited with ${exitCode}${why}`, {
    container: id,
    exitCode,
  })
}
