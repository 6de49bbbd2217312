import type { Config } from '../config/config.ts'
import type { RunContext } from './command.ts'
import type { Errands } from './healer.ts'
import { openFailures } from './run-failures.ts'
import { hooksOf } from './service-config.ts'

/** A look at some services alone tells nobody: it is a person's, who sees the result. A captured host has no errands. */
export const makeErrands = async (context: RunContext, config: Config): Promise<Errands> => {
  const { host, args } = context
  const { targets } = config.notify
  const failures = openFailures(context)
  const tells = targets.length > 0 && args.length === 0 && host.live
  const hasHooks = Object.values(config.services).some((service) => hooksOf(service).length > 0)
  return {
    teller: tells ? (await import('./tell.ts')).makeTeller(context, targets, failures) : null,
    hooks: hasHooks ? (await import('./run-hooks.ts')).makeHookRunner(context, config, failures) : null,
  }
}
