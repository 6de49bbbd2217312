import type { OrphanRule } from '../../config/sections/orphans.ts'
import { type LookOutcome, nextLook } from '../../plan/whole-look.ts'
import { frozenPath } from '../../store/paths.ts'
import { askHost } from './ask-host.ts'
import { type JudgeContext, judgeRules, judgeSeen, orphansOf, type RuleVerdict } from './judge-rules.ts'
import { type Seen, seeHost } from './see-host.ts'

const unseeable = 'its processes start others and end faster than they can be read'

/**
 * That a rule has no orphans is said only after a look in which nobody was missed. Where they come and go too fast for that, its
 * container or unit is frozen for one.
 *
 * @param mayFreeze false for who only observes, also by a dry run
 */
export const settled = async (
  context: JudgeContext,
  first: RuleVerdict,
  mayFreeze: boolean,
): Promise<RuleVerdict> => {
  const looks: LookOutcome[] = []
  let verdict = first
  const couldFreeze = first.kind === 'judged' && (first.scope?.cgroups.length ?? 0) > 0
  let freezes = mayFreeze && couldFreeze
  let isFrozen = false
  for (;;) {
    if (verdict.kind !== 'judged') return verdict
    looks.push({ orphans: orphansOf(verdict).length, isWhole: verdict.isWhole, isFrozen })
    const next = nextLook(looks, freezes)
    if (next === 'enough') return verdict
    if (next === 'blind') {
      const would = couldFreeze && !mayFreeze ? '; kill-orphans without -n would freeze them for a look' : ''
      return { rule: first.rule, kind: 'blind', why: `${unseeable}${would}` }
    }
    const frozen = next === 'frozen' ? await judgeFrozen(context, first.rule) : null
    isFrozen = frozen !== null
    freezes &&= next !== 'frozen'
    verdict = frozen ?? (await judgeAgain(context, first.rule))
  }
}

/** By a new look. */
export const judgeAgain = async (context: JudgeContext, rule: OrphanRule): Promise<RuleVerdict> => {
  const [verdict] = await judgeRules({ ...context, host: context.host.again() }, [rule])
  return verdict ?? { rule, kind: 'blind', why: 'it could not be looked at again' }
}

/** Looked at while they stand still, judged when they go on; blind when they do not. Null: they could not be frozen. */
const judgeFrozen = async (context: JudgeContext, rule: OrphanRule): Promise<RuleVerdict | null> => {
  const host = context.host.again()
  const answers = await askHost(host, [rule])
  if (typeof answers === 'string') return { rule, kind: 'blind', why: answers }
  const answer = answers.of.get(rule)
  if (answer === undefined || typeof answer === 'string' || answer.scope === null) return null
  const looked: { seen: Seen | string | null } = { seen: null }
  const { outcome, detail } = await host.apply({
    kind: 'look-frozen',
    cgroups: answer.scope.cgroups,
    note: frozenPath(context.global.stateDir),
    look: () => {
      looked.seen = seeHost(answers)
    },
    reason: `processes by rule ${rule.name} come and go faster than they can be read`,
  })
  if (looked.seen === null) return null
  if (outcome === 'failed') return { rule, kind: 'blind', why: detail }
  const [verdict] = await judgeSeen({ ...context, host }, answers, looked.seen)
  return verdict ?? null
}
