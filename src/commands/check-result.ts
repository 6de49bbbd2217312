import { type Finding, worstStatus } from '../core/finding.ts'
import { valueOrNull } from '../core/reading.ts'
import type { CheckResult } from '../core/service.ts'
import type { Transition } from '../core/transition.ts'
import type { CommandResult, RunContext } from './command.ts'
import type { Healed } from './heal.ts'
import type { Look } from './look.ts'
import { showsText } from './run-command.ts'

/** What a check came to: what was seen, what was done about it, and what is wrong with this tool itself. */
export const resultOf = (
  { host }: RunContext,
  seen: Look,
  healed: Healed,
  ownFindings: Finding[],
  startedAtMs: number,
): CheckResult => {
  const biggest = valueOrNull(seen.biggest)
  return withOwn(
    {
      hostname: host.hostname,
      startedAtMs,
      finishedAtMs: host.now(),
      status: 'ok',
      findings: seen.findings,
      services: healed.services,
      biggestProcesses: biggest?.processes ?? [],
      biggestNames: biggest?.names ?? [],
      ownFindings: [],
    },
    ownFindings,
  )
}

/** With further findings on this tool itself, and the status they lead to. */
export const withOwn = (result: CheckResult, findings: readonly Finding[]): CheckResult => {
  const ownFindings = [...result.ownFindings, ...findings]
  const statuses = [...result.findings, ...ownFindings].map(({ status }) => status)
  return {
    ...result,
    ownFindings,
    status: worstStatus([...statuses, ...result.services.map(({ status }) => status)]),
  }
}

/** A run each minute shows nothing when all is well, so what makes documents, tables and words is loaded when shown. */
export const commandResult = async (
  { host, global }: RunContext,
  result: CheckResult,
  due: Transition,
  wouldDo: readonly string[],
  said: readonly string[],
): Promise<CommandResult> => {
  const document = global.json
    ? (await import('../report/check-document.ts')).checkDocument(result, global.dryRun ? wouldDo : null)
    : { schema: 'check@1', body: {} }
  const isShown = showsText('interactive', host, global)
  const text = isShown ? (await import('../report/check-text.ts')).checkText : null
  const hasNews =
    result.status !== 'ok' ||
    due.tell.length + due.recovered.length + due.unwatched.length + due.beyondBound > 0 ||
    result.services.some(({ action }) => action !== null)
  const isQuiet = global.json || global.quiet || isShown || !hasNews
  const problems = isQuiet ? [] : (await import('../report/check-problems.ts')).checkProblems(result, due)
  const added = [...said, ...wouldDo.map((line) => `DRY ${line}`)]
  return {
    status: result.status,
    document,
    text: (view) => (text?.(result, view) ?? '') + added.map((line) => `${line}\n`).join(''),
    textWhen: 'interactive',
    problems: [...problems, ...added],
  }
}
