import type { JudgedService } from '../checks/judge.ts'
import type { Attribution } from '../core/composition.ts'
import { attribute, baseOf } from '../leak/attribution.ts'
import { culpritWords } from '../report/attribution-text.ts'
import { addComposition, loadCompositions } from '../store/compositions.ts'
import { asksWho, compositionIsDue } from './attribution-due.ts'
import type { RunContext } from './command.ts'
import { compositionOf } from './compose-memory.ts'
import { recordsRun } from './record.ts'

/** The services with what grew in them; writes down what they are made of now, where that is due. */
export const withAttribution = (context: RunContext, services: readonly JudgedService[]): JudgedService[] =>
  services.map((service) => {
    const isDue = recordsRun(context) && compositionIsDue(context, service.facts)
    const asks = asksWho(service)
    if (!isDue && !asks) return service
    const attribution = attributionOf(context, service.facts, isDue)
    if (attribution === null || !asks) return service
    const culprit = culpritWords(attribution)
    return {
      ...service,
      facts: { ...service.facts, attribution },
      findings: service.findings.map((finding) =>
        finding.check === 'growth' && culprit !== null
          ? { ...finding, args: { ...finding.args, culprit } }
          : finding,
      ),
    }
  })

/**
 * What grew since the growth began, or since the beginning of this lifetime; null: there is nothing earlier to compare
 * with, or its processes cannot be seen.
 */
export const attributionOf = (
  { host, global }: RunContext,
  facts: JudgedService['facts'],
  writes: boolean,
): Attribution | null => {
  const now = compositionOf(host, facts)
  if (now === null) return null
  const then = baseOf(
    loadCompositions(host.save, global.stateDir, facts.name),
    now,
    facts.growth?.onsetAtMs ?? null,
  )
  // That it cannot be written is told with the history, which lies beside it.
  if (writes) addComposition(host.save, global.stateDir, facts.name, now)
  return then === null ? null : attribute(then, now)
}
