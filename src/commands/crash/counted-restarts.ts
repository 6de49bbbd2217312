import type { Restarts } from '../../core/crash-story.ts'
import { clip } from '../../core/escape.ts'
import type { ContainerFacts, UnitFacts } from '../../core/facts.ts'
import { absent, valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { statePath } from '../../store/paths.ts'
import { loadState, type State } from '../../store/state.ts'
import { addRestarts, type Gathering } from './source.ts'
import type { NamedService } from './suspect-name.ts'

/** A counter of the engine or systemd. */
interface Counter extends Restarts {
  /** All it counts, or most of it, is of the time that is asked for. */
  isOfLate: boolean
}

/** What was started so short a time ago, and was restarted before, is being restarted again and again. */
const youngMs = 600_000

/** Fewer are no fault. */
const worthTelling = 3

/**
 * Adds what the engine and systemd have restarted in the time that is asked for. Their counters are of a container's whole
 * life, or of the boot: `check` dates what they add. What nobody has dated blames nobody and is told, in the lines given
 * back, for what it is.
 */
export const countedRestarts = (
  gathering: Gathering,
  services: readonly NamedService[],
  known: State['restarts'],
): string[] => {
  const { containers, systemdSaid, sinceMs } = gathering
  const counters = [
    ...containers.filter(({ notInspected }) => notInspected === undefined).map(ofContainer(gathering)),
    ...(valueOrNull(systemdSaid) ?? []).map(ofUnit(gathering)),
  ]
  return counters.flatMap(({ name, kind, count, isOfLate }) => {
    const own = services.filter((one) => one.name === name && one.kind === kind).map(({ service }) => service)
    const dated = datedOf([...own, name], known, sinceMs)
    const counted = dated === 0 && isOfLate ? count : dated
    addRestarts(gathering, name, kind, counted)
    return counted > 0 || count < worthTelling ? [] : [undatedText(name, kind, count)]
  })
}

/** What the last checks have kept; nothing on a captured host, whose restarts these are not. */
export const recordedRestarts = (host: Host, stateDir: string): State['restarts'] => {
  if (!host.live) return {}
  // Nothing is moved aside by a command that only reads.
  const reads = { ...host.save, setAside: () => absent('a place for it') }
  return loadState(reads, statePath(stateDir), host.now()).state.restarts
}

/** @param names what `check` may know it by, the likeliest first */
const datedOf = (names: readonly string[], known: State['restarts'], sinceMs: number): number => {
  const name = names.find((one) => Object.hasOwn(known, one))
  const others = name === undefined ? [] : (known[name]?.others ?? [])
  return others.reduce((sum, { atMs, count }) => sum + (atMs >= sinceMs ? count : 0), 0)
}

const ofContainer =
  ({ nowMs, sinceMs }: Gathering) =>
  (container: ContainerFacts): Counter => {
    const { name, state, startedAtMs, finishedAtMs, exitCode, restartPolicy, restartCount } = container
    const isYoung = state === 'running' && startedAtMs !== null && nowMs - startedAtMs < youngMs
    // The engine has tried as often as it may, in quick succession.
    const wasGivenUp =
      state === 'exited' &&
      restartPolicy.startsWith('on-failure') &&
      exitCode !== 0 &&
      (finishedAtMs ?? 0) >= sinceMs
    const isOfLate = state === 'restarting' || isYoung || wasGivenUp
    return { name, kind: 'container', count: restartCount, isOfLate }
  }

const ofUnit =
  ({ nowMs, sinceMs, clock: { bootAtMs } }: Gathering) =>
  ({ id, restarts, activeState, subState, activeSinceMonotonicUs }: UnitFacts): Counter => {
    const sinceUs = activeState === 'active' ? activeSinceMonotonicUs : null
    const isYoung = bootAtMs !== null && sinceUs !== null && nowMs - (bootAtMs + sinceUs / 1000) < youngMs
    const isOfLate = subState === 'auto-restart' || isYoung || (bootAtMs ?? 0) >= sinceMs
    return { name: id, kind: 'unit', count: restarts, isOfLate }
  }

const undatedText = (name: string, kind: Counter['kind'], count: number): string =>
  `${clip(name, 80)} was restarted ${count} times since ${kind === 'unit' ? 'the boot' : 'it was made'}, none of them known to be of this time`
