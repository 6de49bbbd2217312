import type { CleanupRule } from '../../config/sections/cleanup.ts'
import type { Finding } from '../../core/finding.ts'
import type { RunContext } from '../command.ts'
import { isLeftover, type Leftover, leftoverFinding } from './leftover.ts'

/** So long what was seen is told again, unless it was bad: then it is looked at anew, so that its end is seen at once. */
const rememberMs = 600_000

export interface Leftovers {
  findings: Finding[]
  /** For the next run. */
  remember: { rules: Leftover[] }
}

/** What the cleanup rules should have removed and have not (incident V): one finding a rule. */
export const leftovers = async (context: RunContext, previous: unknown): Promise<Leftovers> => {
  const rules = (context.loaded?.config.cleanup ?? []) as CleanupRule[]
  const nowMs = context.host.now()
  const known = rememberedOf(previous)
  const isFresh =
    known.length === rules.length &&
    known.every(
      (one, i) =>
        one.path === rules[i]?.path &&
        one.atMs <= nowMs &&
        nowMs - one.atMs < rememberMs &&
        leftoverFinding(one).status === 'ok',
    )
  const seen = isFresh ? known : await (await import('./leftovers-look.ts')).lookForLeftovers(context, rules)
  return { findings: seen.map(leftoverFinding), remember: { rules: seen } }
}

const rememberedOf = (previous: unknown): Leftover[] => {
  const rules = (previous as { rules?: unknown } | null)?.rules
  return Array.isArray(rules) && rules.every(isLeftover) ? rules : []
}
