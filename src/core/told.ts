import { checksum } from './checksum.ts'
import { escapeControl } from './escape.ts'
import type { Finding, Status } from './finding.ts'

export type Trouble = Exclude<Status, 'ok'>

/** What is remembered of a problem that people were told of; survives JSON. */
export interface ToldProblem {
  key: string
  /** The service's name; null for the host and for this tool itself. */
  service: string | null
  check: string
  code: string
  item: string | null
  status: Trouble
  /** Since when it is a problem, whatever its degree. Epoch milliseconds, as all stamps here. */
  sinceMs: number
  toldAtMs: number
  /** The config had the service then, so it was not just found on the host. */
  isNamed: boolean
}

/** The most problems that are remembered; with the longest names that is about 2 MB on disk. */
export const maxTold = 2000

const maxKeyLength = 300
const maxNameLength = 255

/** The identity of a problem from run to run: one line, at most 300 characters whatever the names in it. */
export const findingKey = (
  service: string | null,
  { check, code, item }: Pick<Finding, 'check' | 'code' | 'item'>,
): string => {
  const key = [service === null ? 'host' : `service ${service}`, check, code, item ?? '']
    .map(keyPart)
    .join('|')
  return key.length <= maxKeyLength ? key : `${key.slice(0, maxKeyLength - 9)}#${checksum(key)}`
}

/** What a problem is about, whatever was found of it: equal for a problem and for what is remembered of it. */
export const thingKey = (service: string | null, check: string, item: string | null | undefined): string =>
  findingKey(shortName(service), { check, code: '', item: shortName(item ?? '') })

const shortName = <T extends string | null>(name: T): T | string => name?.slice(0, maxNameLength) ?? name

// A `|` inside a name must not make two problems one.
const keyPart = (text: string): string => escapeControl(text).replace(/[\\|]/g, '\\$&')

export const toldProblem = (
  service: string | null,
  finding: Finding,
  status: Trouble,
  sinceMs: number,
  toldAtMs: number,
  isNamed: boolean,
): ToldProblem => ({
  key: findingKey(service, finding),
  service: shortName(service),
  check: finding.check,
  code: finding.code,
  item: shortName(finding.item ?? null),
  status,
  sinceMs,
  toldAtMs,
  isNamed,
})

/** What a state file held, of whatever shape: entries that are not whole are left out. */
export const readTold = (stored: unknown): ToldProblem[] =>
  Array.isArray(stored)
    ? stored
        .filter(isTold)
        .slice(0, maxTold)
        .map((told) => ({ ...told, isNamed: told.isNamed === true }))
    : []

const isTold = (entry: unknown): entry is ToldProblem => {
  if (typeof entry !== 'object' || entry === null) return false
  const { key, service, check, code, item, status, sinceMs, toldAtMs } = entry as Record<string, unknown>
  return (
    [key, check, code].every((part) => typeof part === 'string') &&
    [service, item].every((part) => part === null || typeof part === 'string') &&
    (status === 'warning' || status === 'critical' || status === 'unknown') &&
    Number.isFinite(sinceMs) &&
    Number.isFinite(toldAtMs)
  )
}
