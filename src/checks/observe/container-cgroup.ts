import type { ContainerFacts } from '../../core/facts.ts'
import { failed, type Reading, value } from '../../core/reading.ts'
import type { HostCgroups } from '../../host/host.ts'
import { type Snapshot, startedAtMs } from './snapshot.ts'

/**
 * The cgroup of a whole container, by its id in the path of its first process: `/docker/ID`,
 * `/system.slice/docker-ID.scope`, `/machine.slice/libpod-ID.scope/container`. What lies below the part with the id
 * is the container's own doing (systemd inside has its init in `ID/init.scope`) and is cut off. A path without the id
 * is not the container's: the pid is that of another pid namespace (this tool inside a container), of another machine
 * (`DOCKER_HOST=tcp://…`), or has been given to another process since.
 */
export const containerCgroup = (cgroups: HostCgroups, id: string, pid: number): Reading<string> => {
  const ofInit = cgroups.memoryPathOf(pid)
  if (ofInit.kind === 'value') {
    const path = upToId(ofInit.value, id)
    if (path !== null) return value(path)
  }
  const usual = usualPaths(id).find((path) => cgroups.pids(path).kind === 'value')
  if (usual !== undefined) return value(usual)
  if (ofInit.kind !== 'value') return ofInit
  return failed('vanished', `process ${pid}`, "it is not the container's any more, or not of this machine")
}

const upToId = (path: string, id: string): string | null => {
  const at = id === '' ? -1 : path.indexOf(id)
  if (at < 0) return null
  const end = path.indexOf('/', at)
  return end < 0 ? path : path.slice(0, end)
}

/** Where the process cannot be looked at (`hidepid`, another pid namespace) its cgroup often can. */
const usualPaths = (id: string): string[] =>
  id === ''
    ? []
    : [
        `/system.slice/docker-${id}.scope`,
        `/docker/${id}`,
        `/machine.slice/libpod-${id}.scope`,
        `/libpod_parent/libpod-${id}`,
      ]

// The engine stamps the start within a second of the process; more would be a reused pid.
const startSlackMs = 10_000

/** Without cgroups to tell by: whether this pid is still the container's first process, by when it started. */
export const isInitOf = ({ host, tree }: Snapshot, container: ContainerFacts, pid: number): boolean => {
  const stat = tree.byPid.get(pid)
  if (stat === undefined || container.startedAtMs === null) return false
  const started = startedAtMs(host, stat.startTicks)
  return started.kind === 'value' && Math.abs(started.value - container.startedAtMs) <= startSlackMs
}
