import type { Config } from '../../config/config.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import { type Finding, judgeLevel } from '../../core/finding.ts'
import type { RunContext } from '../command.ts'
import { judgeRules, orphansOf, type RuleVerdict } from './judge-rules.ts'
import { settled } from './settle.ts'

/** For `check`: what the rules would end now, a finding each. Nothing is ended. */
export const orphansLeft = async (
  context: Pick<RunContext, 'loaded' | 'global' | 'host'>,
  { orphans }: Config,
): Promise<Finding[]> => {
  const findings: Finding[] = []
  for (const verdict of await judgeRules(context, orphans as OrphanRule[]))
    findings.push(findingOf(await settled(context, verdict, false)))
  return findings
}

const findingOf = (verdict: RuleVerdict): Finding => {
  const { name, warn, crit } = verdict.rule
  const base = { check: 'orphans', item: name, unit: 'count', warn, crit } as const
  if (verdict.kind !== 'judged')
    return { ...base, code: verdict.kind, status: 'unknown', value: null, args: { reason: verdict.why } }
  const pids = new Set(orphansOf(verdict))
  const sizes = verdict.candidates
    .filter(({ stat }) => pids.has(stat.pid))
    .map(({ memoryBytes }) => memoryBytes)
  return {
    ...base,
    code: 'left',
    status: judgeLevel(pids.size, warn, crit),
    value: pids.size,
    // Of some it may be unknown: then the sum is none.
    args: {
      memoryBytes: sizes.includes(null) ? null : sizes.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    },
  }
}
