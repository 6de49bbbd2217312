import type { Config } from '../config/config.ts'
import type { Finding } from '../core/finding.ts'
import type { CheckResult } from '../core/service.ts'
import { writeLastCheck } from '../store/last-check.ts'
import type { RunContext } from './command.ts'
import type { Healed } from './heal.ts'
import { recordsRun } from './record.ts'

/** For `status`. Where it cannot be written the state could not be either, and that is said. */
export const recordLast = async (context: RunContext, result: CheckResult): Promise<void> => {
  if (!recordsRun(context)) return
  const { host, global, args } = context
  const before =
    args.length === 0
      ? null
      : (await import('../store/read-last-check.ts')).readLastCheck(host.save, global.stateDir)
  writeLastCheck(host.save, global.stateDir, result, before?.kind === 'value' ? before.value : null)
}

/** For node_exporter, of what was recorded just now. */
export const recordMetrics = async (
  context: RunContext,
  config: Config,
  { restarts }: Healed,
  scheduled: readonly string[],
): Promise<Finding[]> => {
  if (!recordsRun(context) || config.metrics.textfile === null) return []
  const { writeTextfile } = await import('./metrics/textfile.ts')
  return writeTextfile(context, config, restarts, scheduled)
}
