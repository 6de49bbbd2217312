import { hostChecks, serviceChecks } from '../checks/registry.ts'
import { type AnyField, map, record } from '../core/field.ts'
import { ruleName } from '../core/text-forms.ts'
import type { Config, ServiceConfig } from './config.ts'
import { serviceFeatures, topFeatures } from './features.ts'
import { identity, identityKeys, identityOf, targetOf } from './sections/identity.ts'

const hostLimits: Record<string, AnyField> = Object.fromEntries(
  hostChecks.map((check) => [check.name, check.limits]),
)

const serviceLimits: Record<string, AnyField> = Object.fromEntries(
  serviceChecks.flatMap((check) => (check.key === null ? [] : [[check.key, check.limits]])),
)

const service = record(
  'A service, by the name it has in all output',
  { ...identity, ...serviceLimits, ...serviceFeatures } as Record<string, AnyField>,
  { exactlyOne: identityKeys },
)

/** The whole config: the sections, composed from the registries of checks and from config/sections/. */
export const configField = record(
  'Config of oratio-health',
  {
    host: record('Limits of the host', hostLimits),
    services: map('What is watched, by name', service, {
      names: ruleName.pattern as RegExp,
      expects: ruleName.expects as string,
    }),
    ...topFeatures,
  },
  { sections: true },
)

/** What the field reads a config into; `toConfig` makes it the Config that the program works with. */
export type Sections = typeof configField.default

/** @param sections as read from `configField` without problems */
export const toConfig = ({
  host,
  services,
  cleanup,
  orphans,
  journal,
  schedule,
  notify,
  metrics,
}: Sections): Config => ({
  host,
  services: mapValues(services, toService),
  cleanup,
  orphans,
  journal: Object.fromEntries(
    Object.entries(journal).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  ),
  schedule,
  notify: { remindSeconds: notify.remind, targets: notify.targets },
  metrics,
})

/** Back into the sections of the file, for `config show`. */
export const toSections = ({ host, services, notify, journal, ...rest }: Config): Sections =>
  ({
    ...rest,
    host,
    services: mapValues(services, ({ target, checks, features }) => ({
      ...identityOf(target),
      ...checks,
      ...features,
    })),
    journal: { ...configField.default.journal, ...journal },
    notify: { remind: notify.remindSeconds, targets: notify.targets },
  }) as Sections

/** What stands without any config file. */
export const defaultConfig = (): Config => toConfig(configField.default)

const toService = (keys: Record<string, unknown>): ServiceConfig => ({
  target: targetOf(keys as Parameters<typeof targetOf>[0]),
  checks: pick(keys, Object.keys(serviceLimits)),
  features: pick(keys, Object.keys(serviceFeatures)),
})

const pick = (keys: Record<string, unknown>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, keys[name]]))

const mapValues = <A, B>(of: Record<string, A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value)]))
