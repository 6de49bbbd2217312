import { isMap, type Plain, type PlainMap } from './compose-merge.ts'
import { parseComposeSize } from './compose-text.ts'

export interface ComposeLimit {
  service: string
  limitBytes: number | null
  reservationBytes: number | null
  /** Which key says so; null without a limit. */
  from: 'mem_limit' | 'deploy.resources.limits.memory' | null
  /** It runs only with one of these. */
  profiles: string[]
  problems: string[]
}

/** What a service may take, by either of the two ways of saying it. Compose refuses a file in which they differ. */
export const composeLimit = (service: string, raw: PlainMap): ComposeLimit => {
  const problems: string[] = []
  const read = (value: Plain | undefined, key: string): number | null => {
    if (value === undefined || value === null || value === '') return null
    const bytes = parseComposeSize(value)
    if (bytes === null)
      problems.push(
        `services.${service}.${key}: "${String(value).slice(0, 40)}" is no size such as 512m or 2g`,
      )
    // `mem_limit: 0` is no limit.
    return bytes === 0 ? null : bytes
  }
  const resources = at(raw, 'deploy', 'resources')
  const plain = read(raw.mem_limit, 'mem_limit')
  const deploy = read(at(resources, 'limits').memory, 'deploy.resources.limits.memory')
  if (plain !== null && deploy !== null && plain !== deploy)
    problems.push(
      `services.${service}: mem_limit and deploy.resources.limits.memory differ; compose refuses that`,
    )
  const reservation =
    read(raw.mem_reservation, 'mem_reservation') ??
    read(at(resources, 'reservations').memory, 'deploy.resources.reservations.memory')
  return {
    service,
    limitBytes: plain ?? deploy,
    reservationBytes: reservation,
    from: plain !== null ? 'mem_limit' : deploy !== null ? 'deploy.resources.limits.memory' : null,
    profiles: Array.isArray(raw.profiles) ? raw.profiles.map(String) : [],
    problems,
  }
}

const at = (raw: Plain | undefined, ...keys: string[]): PlainMap => {
  let here: Plain | undefined = raw
  for (const key of keys) here = isMap(here) ? here[key] : undefined
  return isMap(here) ? here : {}
}
