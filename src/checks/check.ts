import type { AnyField, Field } from '../core/field.ts'
import type { Finding } from '../core/finding.ts'
import type { Failed, Reading } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'

/**
 * A check of the host: `read` is its only contact with the machine, `judge` is pure. To add one, write
 * `checks/NAME.ts` and its line in `checks/registry.ts`; config, JSON and docs derive from that.
 */
export interface HostCheck<Limits, Facts> {
  scope: 'host'
  /** Its name in findings and its key under `host:` in the config. */
  name: string
  limits: Field<Limits>
  /** `previous` is what `remember` returned in the last run, or null; it comes from a file, so check its shape. */
  read(host: Host, limits: Limits, previous: unknown): Reading<Facts> | Promise<Reading<Facts>>
  /** One finding per thing looked at, `ok` ones too: they are the picture that `-v` shows. */
  judge(facts: Facts, limits: Limits): Finding[]
  /** What the next run needs of this one; must survive JSON. */
  remember?(facts: Facts): unknown
}

/** What the judge of a service may know of the host. */
export interface HostContext {
  totalMemoryBytes: number | null
}

/** A check of each service; observing them is shared (`checks/observe/`), so it only judges. */
export interface ServiceCheck<Limits> {
  scope: 'service'
  name: string
  /** Its key under `services.NAME:`, or null for one that has no limits to configure. */
  key: string | null
  /** Instead of limits of its own: the feature of the service (config/features.ts) that it judges by, as parsed. */
  feature?: string
  limits: Field<Limits>
  judge(service: ServiceFacts, limits: Limits, context: HostContext): Finding[]
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds checks of different facts and limits.
export type AnyHostCheck = HostCheck<any, any>
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type AnyServiceCheck = ServiceCheck<any>

export type LimitsOf<F extends AnyField> = F extends Field<infer T> ? T : never

/** The finding for what should be measurable and was not: status unknown, never ok. */
export const unreadable = (check: string, reading: Failed, item?: string): Finding => ({
  check,
  code: 'unreadable',
  status: 'unknown',
  ...(item === undefined ? {} : { item }),
  value: null,
  unit: null,
  warn: null,
  crit: null,
  args: { cause: reading.cause, what: reading.what, detail: reading.detail },
})
