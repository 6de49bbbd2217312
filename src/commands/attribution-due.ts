import type { JudgedService } from '../checks/judge.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import { compositionsPath } from '../store/compositions.ts'
import type { RunContext } from './command.ts'

const minuteMs = 60_000
const dayMs = 1440 * minuteMs
/** While it grows. */
const closelyMs = 10 * minuteMs
const unknownAgeMs = 60 * minuteMs
const lifetimesApartMs = 5 * minuteMs

/**
 * Whether the composition of a service is to be written down again: at the start of a lifetime, then when it is half as
 * old again as at the last time, once a day at least, and every ten minutes while it grows. By the file's own stamp, so
 * that it costs one lstat on most runs.
 */
export const compositionIsDue = ({ host, global }: RunContext, facts: ServiceFacts): boolean => {
  const info = host.save.info(compositionsPath(global.stateDir, facts.name))
  if (info.kind === 'absent') return true
  if (info.kind !== 'value') return false
  const [nowMs, lastMs] = [host.now(), info.value.modifiedAtMs]
  // The clock was set back: what is written now is the newest all the same.
  if (lastMs > nowMs + minuteMs) return true
  const uptimeSeconds = valueOrNull(facts.uptimeSeconds)
  const bornMs = uptimeSeconds === null ? null : nowMs - uptimeSeconds * 1000
  // One that is restarted every ten seconds is not written down each time.
  if (bornMs !== null && lastMs < bornMs) return nowMs - lastMs >= lifetimesApartMs - slackMs
  const gapMs = bornMs === null ? unknownAgeMs : Math.max(minuteMs, (lastMs - bornMs) / 2)
  const grows = facts.growth?.verdict === 'leak' || facts.growth?.verdict === 'growing'
  return nowMs - lastMs >= Math.min(gapMs, grows ? closelyMs : dayMs) - slackMs
}

/** A run of cron may come a moment early. */
const slackMs = 5000

/** It grows, or is too big. */
export const asksWho = ({ facts, findings }: Pick<JudgedService, 'facts' | 'findings'>): boolean =>
  facts.growth?.verdict === 'leak' ||
  facts.growth?.verdict === 'growing' ||
  findings.some(({ check, status }) => check === 'memory' && (status === 'warning' || status === 'critical'))
