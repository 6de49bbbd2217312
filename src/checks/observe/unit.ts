import type { UnitFacts } from '../../core/facts.ts'
import { absent, failed, type Reading, value, valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts, ServiceState } from '../../core/service.ts'
import { figuresOf, type Group, noFigures, notRunning } from './figures.ts'
import { groupOfCgroup, groupOfPids, type Limit } from './group.ts'
import { withDescendants } from './process-tree.ts'
import type { Snapshot } from './snapshot.ts'
import type { Wanted } from './wanted.ts'

/** A unit as systemd tells it, with figures from its control group. */
export const observeUnit = (
  snapshot: Snapshot,
  { name, target, configured }: Wanted,
  unit: UnitFacts,
): ServiceFacts => {
  const state = stateOf(unit)
  const head = {
    name,
    kind: 'unit' as const,
    target,
    configured,
    ...state,
    health: null,
    mainPid: unit.mainPid,
    restarts: value(unit.restarts),
    ...(isResting(unit) ? { restsBetweenRuns: true } : {}),
    ...settingsOf(unit),
  }
  if (hasEnded(state.state) || (unit.mainPid === null && unit.controlGroup === null))
    return { ...head, identity: null, ...noFigures(notRunning) }
  const group = groupOf(snapshot, unit)
  // `oneshot` with RemainAfterExit, or between two attempts of an automatic restart.
  if (group === null) return { ...head, identity: unit.invocationId, ...noFigures(notRunning) }
  return {
    ...head,
    identity: unit.invocationId,
    ...figuresOf(snapshot, group),
    uptimeSeconds: uptimeOf(snapshot, unit),
  }
}

const settingsOf = (unit: UnitFacts): Pick<ServiceFacts, 'restartSettings'> => {
  const { restartSetting, restartDelayUs, restartSteps, restartMaxDelayUs } = unit
  // A capture without that property, or a unit that is not loaded.
  if (restartSetting === '') return {}
  return {
    restartSettings: {
      restart: restartSetting,
      delaySeconds: seconds(restartDelayUs),
      steps: restartSteps,
      maxDelaySeconds: seconds(restartMaxDelayUs),
      limitIntervalSeconds: seconds(unit.startLimitIntervalUs),
      limitBurst: unit.startLimitBurst,
    },
  }
}

const seconds = (us: number | null): number | null => (us === null ? null : us / 1e6)

const hasEnded = (state: ServiceState): boolean =>
  state === 'stopped' || state === 'failed' || state === 'missing'

/** Null when the unit has no process. */
const groupOf = (snapshot: Snapshot, unit: UnitFacts): Group | null => {
  const set: Limit | null =
    unit.memoryMaxBytes === null
      ? null
      : { limitBytes: unit.memoryMaxBytes, limitAt: `MemoryMax of ${unit.id}` }
  const path = controlGroupOf(snapshot, unit)
  if (path !== null) {
    const group = groupOfCgroup({ snapshot, path, set })
    return group.pids.kind === 'value' && group.pids.value.length === 0 ? null : group
  }
  if (unit.mainPid === null) return null
  const pids = withDescendants(snapshot.tree, unit.mainPid)
  return groupOfPids({ snapshot, pids, set })
}

/**
 * The unit's own cgroup in the hierarchy that counts memory. systemd names it below the root it sees, which in a
 * container is below the container's; and where it does not manage that hierarchy (cgroup v1 mounted read-only, in a
 * container) the unit shares a cgroup with others, whose memory is not its own: then null.
 */
const controlGroupOf = ({ host: { cgroups } }: Snapshot, unit: UnitFacts): string | null => {
  const { controlGroup, mainPid } = unit
  if (controlGroup === null || controlGroup === '/') return null
  const ofMain = mainPid === null ? null : valueOrNull(cgroups.memoryPathOf(mainPid))
  if (ofMain !== null) return upToGroup(ofMain, controlGroup)
  return cgroups.pids(controlGroup).kind === 'value' ? controlGroup : null
}

/** `/docker/ID/system.slice/x.service/payload`, `/system.slice/x.service` → `/docker/ID/system.slice/x.service`. */
const upToGroup = (path: string, controlGroup: string): string | null => {
  const at = `${path}/`.lastIndexOf(`${controlGroup}/`)
  return at < 0 ? null : path.slice(0, at + controlGroup.length)
}

const uptimeOf = (snapshot: Snapshot, unit: UnitFacts): Reading<number> => {
  if (unit.mainPid !== null) return snapshot.uptimeSeconds(unit.mainPid)
  const uptime = snapshot.host.files.readText('/proc/uptime')
  if (uptime.kind !== 'value') return uptime
  const seconds = Number(uptime.value.split(' ')[0])
  if (!Number.isFinite(seconds)) return failed('malformed', '/proc/uptime', 'no number')
  return unit.activeSinceMonotonicUs === null
    ? absent('a start')
    : value(Math.max(0, seconds - unit.activeSinceMonotonicUs / 1e6))
}

const isResting = ({ type, activeState, result }: UnitFacts): boolean =>
  type === 'oneshot' && activeState === 'inactive' && result === 'success'

/** ActiveState and SubState of systemctl(1), `systemctl list-units --state=help`. */
const stateOf = (unit: UnitFacts): { state: ServiceState; stateDetail: string } => {
  const { loadState, activeState, subState, result } = unit
  if (loadState === 'not-found' && activeState === 'inactive')
    return { state: 'missing', stateDetail: 'no such unit' }
  switch (activeState) {
    case 'active':
    case 'reloading':
    case 'refreshing':
      return { state: 'running', stateDetail: subState === 'running' ? '' : subState }
    case 'activating':
      return subState.startsWith('auto-restart')
        ? { state: 'restarting', stateDetail: because(result) }
        : { state: 'starting', stateDetail: subState }
    case 'failed':
      return { state: 'failed', stateDetail: because(result) }
    case 'inactive':
    case 'deactivating':
    case 'maintenance':
      return { state: 'stopped', stateDetail: loadState === 'masked' ? 'masked' : subState }
    default:
      return { state: 'unknown', stateDetail: `systemd calls its state "${activeState}"` }
  }
}

/** Result= of systemd.service(5), e.g. `exit-code`, `signal`, `oom-kill`, `start-limit-hit`, `watchdog`. */
const because = (result: string): string => (result === '' || result === 'success' ? '' : `result ${result}`)
