import type { Restarts } from '../../core/crash-story.ts'
import type { ServiceTarget } from '../../core/service.ts'
import { fullUnitName } from '../../core/unit-name.ts'

/** What a service of the config is called as a suspect: by its unit or container, as the logs have it. */
export const suspectName = (
  name: string,
  target: ServiceTarget,
  containerNames: ReadonlyMap<string, string>,
): string => {
  if (target.type === 'unit') return fullUnitName(target.ref)
  if (target.type !== 'container') return name
  const byId = [...containerNames].find(([id]) => id.startsWith(target.ref))
  return byId?.[1] ?? target.ref
}

export const suspectKind = ({ type }: ServiceTarget): Restarts['kind'] =>
  type === 'container' ? 'container' : 'unit'
