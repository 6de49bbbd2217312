import type { JudgedService } from '../checks/judge.ts'
import { usualGrowth } from '../checks/usual-growth.ts'
import type { ServiceConfig } from '../config/config.ts'
import { couldGrowBy } from '../leak/could-grow.ts'
import { historyPath, readHistory } from '../store/history-file.ts'
import { newestOf } from '../store/history-series.ts'
import type { RunContext } from './command.ts'
import { asksForGrowth, configOf, growthIsUnnamed } from './service-config.ts'

const dayMs = 86_400_000
// An hour of a check each minute.
const newest = 60

/**
 * Whether the growth of a service has to be judged in this run. Nearly every service that no config asks anything of
 * has an answer in its newest samples: they cannot come to the usual thresholds.
 */
export const isGrowthDue = (
  { host, global }: RunContext,
  configs: Readonly<Record<string, ServiceConfig>>,
  { facts }: JudgedService,
): boolean => {
  const config = facts.configured ? configOf(configs, facts.name) : null
  if (global.json || asksForGrowth(config)) return true
  if (!growthIsUnnamed(config)) return false
  const could = readHistory(host.save, historyPath(global.stateDir, facts.name), facts.name, (file) => {
    const recent = newestOf(file, newest).filter(({ atMs }) => atMs >= host.now() - dayMs)
    return couldGrowBy(recent, usualGrowth.warn)
  })
  // One that is there and cannot be read is told of.
  return could.kind === 'value' ? could.value : could.kind === 'failed'
}
