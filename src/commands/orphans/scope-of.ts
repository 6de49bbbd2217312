import { findContainers } from '../../checks/observe/find-container.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import { clip } from '../../core/escape.ts'
import { fullUnitName } from '../../core/unit-name.ts'
import type { Seen } from './see-host.ts'

/** Pids a rule is about; null: all of the host that are in no container; words: they could not be told. */
export const scopeOf = async (
  { host, running, pidsOf }: Seen,
  rule: OrphanRule,
): Promise<Set<number> | null | string> => {
  if (rule.container != null) {
    const found = findContainers(rule.container, running)
    if (found.kind === 'ambiguous') return `${clip(rule.container, 60)} may be ${found.count} containers`
    if (found.containers.length === 0) return `no container ${clip(rule.container, 60)} runs here`
    return new Set(found.containers.flatMap(({ id }) => pidsOf.get(id) ?? []))
  }
  if (rule.unit == null) return null
  const name = fullUnitName(rule.unit)
  const units = await host.systemd.units([name])
  const unit =
    units.kind === 'value' ? units.value.find(({ loadState }) => loadState === 'loaded') : undefined
  if (unit === undefined) return `unit ${clip(name, 60)} is not there, or could not be asked`
  if (unit.controlGroup === null) return new Set()
  const pids = host.cgroups.pids(unit.controlGroup)
  return pids.kind === 'value'
    ? new Set(pids.value)
    : `the processes of unit ${clip(name, 60)} could not be listed`
}
