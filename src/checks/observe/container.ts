import type { ContainerFacts } from '../../core/facts.ts'
import { absent, failed, type Reading, value } from '../../core/reading.ts'
import type { ServiceFacts, ServiceState } from '../../core/service.ts'
import { containerCgroup, isInitOf } from './container-cgroup.ts'
import { figuresOf, type Group, noFigures, notRunning } from './figures.ts'
import { groupOfCgroup, groupOfPids, type Limit } from './group.ts'
import { withDescendants } from './process-tree.ts'
import type { Snapshot } from './snapshot.ts'
import type { Wanted } from './wanted.ts'

/** A container as the engine tells it, with figures from its cgroup: `docker stats` hangs on one that is at its limit. */
export const observeContainer = (
  snapshot: Snapshot,
  { name, target, configured }: Wanted,
  container: ContainerFacts,
): ServiceFacts => {
  const { pid, notInspected } = container
  const head = {
    name,
    kind: 'container' as const,
    target,
    configured,
    ...stateOf(container),
    health: container.health,
    mainPid: notInspected ? null : pid,
    containerId: container.id,
    restarts: notInspected ?? value(container.restartCount),
  }
  if (notInspected) return { ...head, identity: null, ...noFigures(notInspected) }
  if (pid === null)
    return { ...head, identity: null, ...noFigures(notRunning), oomKills: oomKillsOf(container) }
  const group = groupOf(snapshot, container, pid)
  if (group.kind !== 'value') return { ...head, identity: identityOf(container), ...noFigures(group) }
  const figures = figuresOf(snapshot, group.value)
  return {
    ...head,
    identity: identityOf(container),
    ...figures,
    oomKills: figures.oomKills.kind === 'absent' ? oomKillsOf(container) : figures.oomKills,
    uptimeSeconds: uptimeOf(snapshot, container, pid),
  }
}

const groupOf = (snapshot: Snapshot, container: ContainerFacts, pid: number): Reading<Group> => {
  const set: Limit | null =
    container.memoryLimitBytes === null
      ? null
      : { limitBytes: container.memoryLimitBytes, limitAt: 'the container engine' }
  const path = containerCgroup(snapshot.host.cgroups, container.id, pid)
  const byPids = (): Group => groupOfPids({ snapshot, pids: withDescendants(snapshot.tree, pid), set })
  if (path.kind === 'value') {
    const group = groupOfCgroup({ snapshot, path: path.value, set })
    // Seen from inside a container with a cgroup namespace of its own, the others' cgroups lie outside (`/../ID`).
    const outside = group.pids.kind === 'failed' && group.pids.cause === 'denied'
    return value(outside ? byPids() : group)
  }
  if (isInitOf(snapshot, container, pid)) return value(byPids())
  // `absent` would pass for "nothing to measure".
  return path.kind === 'absent' ? failed('vanished', `container ${container.name}`, `no ${path.what}`) : path
}

const identityOf = ({ id, startedAtMs }: ContainerFacts): string => `${id}:${startedAtMs ?? ''}`

/** By its first process, since the engine's stamp is off by as much as the clock was set since (no RTC on a Pi). */
const uptimeOf = (snapshot: Snapshot, { startedAtMs }: ContainerFacts, pid: number): Reading<number> => {
  const ofInit = snapshot.uptimeSeconds(pid)
  if (ofInit.kind === 'value' || startedAtMs === null) return ofInit
  return value(Math.max(0, (snapshot.nowMs - startedAtMs) / 1000))
}

const oomKillsOf = ({ oomKilled }: ContainerFacts): Reading<number> =>
  oomKilled ? value(1) : absent('a count of OOM kills')

const stateOf = (container: ContainerFacts): { state: ServiceState; stateDetail: string } => {
  const { state, health, notInspected } = container
  const is = (name: ServiceState, stateDetail = ''): { state: ServiceState; stateDetail: string } => ({
    state: name,
    stateDetail,
  })
  switch (state) {
    case 'running':
      return health === 'starting' ? is('starting', 'its health check has not passed yet') : is('running')
    case 'paused':
      return is('paused')
    case 'restarting':
      return is('restarting', notInspected ? '' : exitDetail(container))
    case 'created':
      return is('stopped', 'created and never started')
    case 'removing':
      return is('stopped', 'being removed')
    case 'dead':
      return is('failed', 'dead: the engine could not remove it')
    case 'exited':
      if (notInspected) return is('stopped', 'exited')
      return is(hasFailed(container) ? 'failed' : 'stopped', exitDetail(container))
    case 'unknown':
      return is('unknown', 'the engine names a state that is not known here')
  }
}

/** 130, 137 and 143 are also what `docker stop` and Ctrl-C leave behind: ended from outside, not failed. */
const endedFromOutside = new Set([130, 137, 143])

const hasFailed = ({ exitCode, oomKilled }: ContainerFacts): boolean =>
  oomKilled || (exitCode !== null && exitCode !== 0 && !endedFromOutside.has(exitCode))

const exitDetail = ({ exitCode, oomKilled }: ContainerFacts): string => {
  const code = exitCode === null ? 'exited' : `exited with ${exitCode}`
  if (oomKilled) return `${code}, killed for memory`
  return exitCode === 137 ? `${code}, killed from outside` : code
}
