import { containerCgroup } from '../../checks/observe/container-cgroup.ts'
import { findContainers } from '../../checks/observe/find-container.ts'
import { userId } from '../../checks/observe/user-id.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import { clip } from '../../core/escape.ts'
import type { ContainerFacts } from '../../core/facts.ts'
import { type Reading, valueOrNull } from '../../core/reading.ts'
import { fullUnitName } from '../../core/unit-name.ts'
import type { Host } from '../../host/host.ts'

/** Where a rule looks: in these cgroups; null: on the host, and in no container. */
export type Scope = { cgroups: readonly string[] } | null

/** A container that runs, and its cgroup. */
export type Contained = Pick<ContainerFacts, 'id' | 'name' | 'pid'> & { cgroup: string }

/** What engine, systemd and the accounts say: all that must be waited for before processes are looked at. */
export interface Answers {
  host: Host
  containers: readonly Contained[]
  /** In words: why the rule cannot be judged. */
  of: ReadonlyMap<OrphanRule, { scope: Scope; uid: number | null } | string>
}

/** In words: why nothing can be judged. */
export const askHost = async (host: Host, rules: readonly OrphanRule[]): Promise<Answers | string> => {
  const listed = await host.engine.containers()
  if (listed.kind === 'failed') return `the containers could not be asked: ${listed.detail}`
  const all = valueOrNull(listed) ?? []
  const running = all.filter(({ pid }) => pid !== null)
  const unseen = all.filter(mayRunUnseen)
  const containers: Contained[] = []
  for (const { id, name, pid } of running) {
    const cgroup = containerCgroup(host.cgroups, id, pid ?? -1)
    // It has ended since the engine answered.
    if (hasEnded(host, pid, cgroup)) continue
    if (cgroup.kind !== 'value') return notListed(name)
    containers.push({ id, name, pid, cgroup: cgroup.value })
  }
  let hidden: string | null = null
  for (const one of unseen) {
    // Its first process is not known, and is not needed to tell what is in there from what is the host's.
    const cgroup = containerCgroup(host.cgroups, one.id, -1)
    if (cgroup.kind !== 'value') hidden ??= notLookedAt(one)
    else containers.push({ id: one.id, name: one.name, pid: null, cgroup: cgroup.value })
  }
  const of = new Map<OrphanRule, { scope: Scope; uid: number | null } | string>()
  for (const rule of rules) {
    const scope = await scopeOf(host, rule, { running, unseen, hidden, containers })
    const uid = typeof scope === 'string' ? null : await uidOf(host, rule)
    of.set(rule, typeof scope === 'string' ? scope : typeof uid === 'string' ? uid : { scope, uid })
  }
  return { host, containers, of }
}

/** The engine lists it, and would not tell more: whoever is in there is not known. */
const mayRunUnseen = ({ pid, state, notInspected, isElsewhere }: ContainerFacts): boolean =>
  pid === null &&
  notInspected !== undefined &&
  isElsewhere !== true &&
  (state === 'running' || state === 'paused' || state === 'unknown')

const hasEnded = (host: Host, pid: number | null, cgroup: Reading<string>): boolean => {
  if (pid === null || cgroup.kind !== 'failed' || cgroup.cause !== 'vanished') return false
  const init = host.processes.stat(pid)
  return init.kind === 'failed' && init.cause === 'vanished'
}

export const notListed = (container: string): string =>
  `the processes of container ${clip(container, 60)} could not be listed`

const notLookedAt = ({ name, notInspected }: ContainerFacts): string =>
  `container ${clip(name, 60)} could not be looked at: ${clip(notInspected?.detail ?? '', 100)}`

interface AskedContainers {
  running: readonly ContainerFacts[]
  /** Those that run as far as is known, of which the engine told no more. */
  unseen: readonly ContainerFacts[]
  /** Why processes of these may be taken for the host's; null: they are known. */
  hidden: string | null
  containers: readonly Contained[]
}

const scopeOf = async (
  host: Host,
  rule: OrphanRule,
  { running, unseen, hidden, containers }: AskedContainers,
): Promise<Scope | string> => {
  if (rule.container != null) {
    const found = findContainers(rule.container, [...running, ...unseen])
    if (found.kind === 'ambiguous') return `${clip(rule.container, 60)} may be ${found.count} containers`
    if (found.containers.length === 0) return `no container ${clip(rule.container, 60)} runs here`
    const blindFor = found.containers.find((one) => unseen.includes(one))
    if (blindFor !== undefined) return notLookedAt(blindFor)
    // One that has ended since the engine answered has none; its other replicas are looked at all the same.
    const cgroups = found.containers.flatMap(
      (one) => containers.find(({ id }) => id === one.id)?.cgroup ?? [],
    )
    return cgroups.length === 0 ? notListed(rule.container) : { cgroups }
  }
  // A rule of the host, unless it would take a container's processes for the host's.
  if (rule.unit == null) return hidden
  const name = fullUnitName(rule.unit)
  const units = await host.systemd.units([name])
  const unit =
    units.kind === 'value' ? units.value.find(({ loadState }) => loadState === 'loaded') : undefined
  if (unit === undefined) return `unit ${clip(name, 60)} is not there, or could not be asked`
  return { cgroups: unit.controlGroup === null ? [] : [unit.controlGroup] }
}

const uidOf = async (host: Host, { user }: OrphanRule): Promise<number | null | string> => {
  if (user == null) return null
  const uid = await userId(host, user)
  if (uid.kind === 'value') return uid.value
  return uid.kind === 'failed' ? `${uid.what} ${clip(uid.detail, 100)}` : `${uid.what} is not there`
}
