import type { ActionResult, StartContainerAction, StopContainerAction } from '../core/action.ts'
import type { ContainerFacts } from '../core/facts.ts'
import type { Reading } from '../core/reading.ts'
import { containerId } from '../parse/engine-container.ts'
import type { Change } from './apply.ts'
import type { EngineCalls, EngineReply, Inspected } from './engine-calls.ts'

export interface ContainerTimes {
  /** What the engine gets beyond the grace before its stop counts as hanging. */
  beyondGraceMs: number
  /** Of kill and unpause. */
  callMs: number
  /** Networks and mounts can take long. */
  startMs: number
  /** For the state to follow a stop, and for a program that ends at once to do so. */
  settleMs: number
}

const usualTimes: ContainerTimes = { beyondGraceMs: 10_000, callMs: 10_000, startMs: 30_000, settleMs: 500 }
/** Docker takes -1 for "wait for ever". */
const maxGraceSeconds = 3600

/**
 * `POST /containers/ID/stop`: SIGTERM (or the image's STOPSIGNAL), the grace, SIGKILL, all by the engine; then the
 * state is asked, since an engine may answer 204 and have it running again. When the stop hangs or ends in 5xx:
 * `kill`. A paused container is unpaused first: Podman refuses to stop one, and none could end by itself. One that
 * removes itself (`--rm`) is left alone, since it could not be started again.
 */
export const stopContainerChange = (
  action: StopContainerAction,
  calls: EngineCalls,
  times: ContainerTimes = usualTimes,
): Change => ({
  words: `stop container ${action.name} (SIGTERM, after ${graceOf(action)} s SIGKILL)`,
  obstacle: () => idObstacle(action.id),
  perform: () => stop(action, calls, times),
})

/** `POST /containers/ID/start`, and done only when it still runs a moment later. */
export const startContainerChange = (
  action: StartContainerAction,
  calls: EngineCalls,
  times: ContainerTimes = usualTimes,
): Change => ({
  words: `start container ${action.name}`,
  obstacle: () => idObstacle(action.id),
  perform: () => start(action, calls, times),
})

const graceOf = ({ graceSeconds }: StopContainerAction): number =>
  Math.min(maxGraceSeconds, Math.max(0, Math.ceil(graceSeconds) || 0))

/** The id becomes part of a URL. */
const idObstacle = (id: string): ActionResult | null =>
  containerId(id) === null ? failure('that is no container id') : null

const failure = (detail: string): ActionResult => ({ outcome: 'failed', detail })
const done = (detail = ''): ActionResult => ({ outcome: 'done', detail })
const noSuch = failure('there is no such container any more')

const stop = async (
  action: StopContainerAction,
  calls: EngineCalls,
  times: ContainerTimes,
): Promise<ActionResult> => {
  const before = await calls.inspect(action.id)
  if (before.kind === 'absent') return noSuch
  // An inspection that hangs is how an engine is with a container at its limit: the stop may still work.
  if (before.kind === 'failed' && before.cause !== 'timeout') return failure(whyNot(before))
  const was = before.kind === 'value' ? before.value : null
  if (was?.removesItself)
    return failure('it removes itself when it stops (--rm) and could not be started again')
  if (was?.container.state === 'paused') await calls.post(`/containers/${action.id}/unpause`, times.callMs)
  const grace = graceOf(action)
  const stopped = await calls.post(
    `/containers/${action.id}/stop?t=${grace}`,
    grace * 1000 + times.beyondGraceMs,
  )
  if (isRefused(stopped)) return stopped.value.status === 404 ? noSuch : failure(stopped.value.why)
  const why = whyNot(stopped)
  const isNow = await whetherEnded(action.id, was, calls, times)
  if (isNow === null) return done(why === '' && isAlready(stopped) ? 'it was stopped already' : '')
  if (why === '') return failure(isNow)
  const killed = await calls.post(`/containers/${action.id}/kill?signal=SIGKILL`, times.callMs)
  const isThen = await whetherEnded(action.id, was, calls, times)
  const whyNotKilled = whyNot(killed)
  if (isThen === null) return done(`killed, since the engine's stop did not work: ${why}`)
  return failure(
    [`stop: ${why}`, ...(whyNotKilled === '' ? [] : [`kill: ${whyNotKilled}`]), isThen].join('; '),
  )
}

/** A 4xx is an answer: no such container, a proxy that forbids it. A 5xx is trouble that a kill may get past. */
const isRefused = (reply: Reading<EngineReply>): reply is { kind: 'value'; value: EngineReply } =>
  reply.kind === 'value' && reply.value.status >= 400 && reply.value.status < 500

/** Engine API: 304 Not Modified. */
const isAlready = (reply: Reading<EngineReply>): boolean =>
  reply.kind === 'value' && reply.value.status === 304

const whyNot = (reply: Reading<EngineReply | Inspected>): string => {
  if (reply.kind === 'value') return 'why' in reply.value ? reply.value.why : ''
  return reply.kind === 'failed' ? `${reply.what}: ${reply.detail}` : 'no answer'
}

const ended = new Set<ContainerFacts['state']>(['exited', 'dead', 'created'])

/** Null when it has ended, else how it is; the state may follow an answer by some milliseconds. */
const whetherEnded = async (
  id: string,
  was: Inspected | null,
  calls: EngineCalls,
  { settleMs }: ContainerTimes,
): Promise<string | null> => {
  for (const pauseMs of [0, settleMs]) {
    if (pauseMs > 0) await pause(pauseMs)
    const now = await calls.inspect(id)
    if (now.kind === 'absent') return null
    if (now.kind === 'failed') return `whether it runs could not be seen: ${whyNot(now)}`
    const { state, startedAtMs } = now.value.container
    if (ended.has(state)) return null
    if (was !== null && was.container.startedAtMs !== startedAtMs) return 'it was started again meanwhile'
    if (pauseMs > 0) return `it is still ${state}`
  }
  return null
}

const start = async (
  { id }: StartContainerAction,
  calls: EngineCalls,
  times: ContainerTimes,
): Promise<ActionResult> => {
  const before = await calls.inspect(id)
  if (before.kind === 'absent') return noSuch
  const started = await calls.post(`/containers/${id}/start`, times.startMs)
  if (started.kind === 'value' && started.value.status === 404) return noSuch
  if (started.kind === 'value' && started.value.status >= 400) return failure(started.value.why)
  if (started.kind !== 'value' && !(started.kind === 'failed' && started.cause === 'timeout'))
    return failure(whyNot(started))
  await pause(times.settleMs)
  const now = await calls.inspect(id)
  if (now.kind === 'absent') return noSuch
  if (now.kind === 'failed') return failure(`whether it runs could not be seen: ${whyNot(now)}`)
  const { state, exitCode, finishedAtMs } = now.value.container
  // With a restart policy it is mostly found running: what tells is that it has ended since.
  if (before.kind === 'value' && before.value.container.finishedAtMs !== finishedAtMs)
    return failure(
      `it ended at once${exitCode === null ? ', and its restart policy started it again' : ` with status ${exitCode}`}`,
    )
  if (state === 'running') return done(isAlready(started) ? 'it was running already' : '')
  const status = exitCode === null ? '' : ` with status ${exitCode}`
  return failure(
    ended.has(state) || state === 'restarting'
      ? `it ended at once${status}`
      : `it is ${state} after the start`,
  )
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
