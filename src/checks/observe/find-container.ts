import type { ContainerFacts } from '../../core/facts.ts'

/** The containers a reference means: none, one, or the replicas of a compose service; or too many to tell. */
export type Found =
  | { kind: 'containers'; containers: ContainerFacts[] }
  | { kind: 'ambiguous'; count: number }

/**
 * By exact name, by id or a prefix of it of at least 6 digits, or by compose's `project/service`, whose containers
 * come in the order of their numbers. What `compose run` left behind is none of the service's.
 */
export const findContainers = (ref: string, containers: readonly ContainerFacts[]): Found => {
  const named = containers.filter(({ name }) => name === ref)
  if (named.length > 0) return { kind: 'containers', containers: named }
  const byId = /^[0-9a-f]{6,64}$/.test(ref) ? containers.filter(({ id }) => id.startsWith(ref)) : []
  if (byId.length > 1) return { kind: 'ambiguous', count: byId.length }
  if (byId.length === 1) return { kind: 'containers', containers: byId }
  const replicas = containers.filter(
    (container) =>
      `${container.composeProject}/${container.composeService}` === ref &&
      container.composeProject !== null &&
      container.labels['com.docker.compose.oneoff'] !== 'True',
  )
  return { kind: 'containers', containers: replicas.sort(byNumber) }
}

const byNumber = (a: ContainerFacts, b: ContainerFacts): number =>
  numberOf(a) - numberOf(b) || (a.name < b.name ? -1 : 1)

const numberOf = ({ labels }: ContainerFacts): number => {
  const number = Number(labels['com.docker.compose.container-number'])
  return Number.isInteger(number) ? number : Number.MAX_SAFE_INTEGER
}
