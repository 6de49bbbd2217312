import { containerCgroup } from '../../checks/observe/container-cgroup.ts'
import type { ContainerFacts } from '../../core/facts.ts'
import type { Host } from '../../host/host.ts'
import { failureWords } from '../../report/failure-words.ts'
import { type Found, measureCgroup } from './found.ts'

const mostContainers = 50

/** All that run, in the order of their names. */
export const starterContainers = async (host: Host): Promise<Found> => {
  const all = await host.engine.containers()
  if (all.kind === 'absent') return { services: [], cgroups: [], notes: [] }
  if (all.kind === 'failed') {
    const { why } = failureWords(all.cause, all.what, all.detail)
    return { services: [], cgroups: [], notes: [`Containers could not be asked for: ${why}`] }
  }
  const running = all.value
    .filter(({ state }) => state === 'running')
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const left = running.length - mostContainers
  const proposed = running.slice(0, mostContainers).map((container) => propose(host, container))
  return {
    services: proposed.map(({ service }) => service),
    cgroups: proposed.flatMap(({ cgroup }) => (cgroup === null ? [] : [cgroup])),
    notes: left > 0 ? [`${left} more containers run here and are not listed`] : [],
  }
}

const propose = (host: Host, container: ContainerFacts) => {
  const { id, name, pid, image } = container
  const path = pid === null ? null : containerCgroup(host.cgroups, id, pid)
  const cgroup = path?.kind === 'value' ? path.value : null
  const { memoryBytes, limitBytes } = measureCgroup(host, cgroup)
  // Docker's own rule for names; podman and older engines may know others.
  const ref = /^[A-Za-z0-9][\w.-]*$/.test(name) ? name : id.slice(0, 12)
  return {
    cgroup,
    service: {
      name: ref,
      target: { container: ref },
      memoryBytes,
      limitBytes: container.memoryLimitBytes ?? limitBytes,
      remark: image,
    },
  }
}
