import type { Config } from '../../config/config.ts'
import type { Finding } from '../../core/finding.ts'
import { valueOrNull } from '../../core/reading.ts'
import { metricsText } from '../../report/metrics-text.ts'
import { readLastCheck } from '../../store/read-last-check.ts'
import type { State } from '../../store/state.ts'
import type { RunContext } from '../command.ts'
import { ownFinding, reasonOf } from '../record.ts'
import { metricsFacts } from './facts.ts'
import { isOwnTextfile } from './own-textfile.ts'

/**
 * Writes `metrics.textfile` for node_exporter, whole or not at all, readable for all. A file of that name that is not
 * ours is left alone. What goes wrong is a finding, and the run goes on.
 */
export const writeTextfile = (
  context: RunContext,
  config: Config,
  restarts: State['restarts'],
  scheduled: readonly string[],
): Finding[] => {
  const path = config.metrics.textfile
  if (path === null) return []
  const { host, global } = context
  const there = host.files.info(path)
  if (there.kind === 'value' && !isOwnTextfile(host, path))
    return [ownFinding('metrics', 'foreign', 'warning', { file: path })]
  const last = valueOrNull(readLastCheck(host.save, global.stateDir))
  const text = metricsText(metricsFacts(context, last, { restarts, scheduled }, config.journal))
  const written = host.save.replace(path, text, 0o644)
  if (written.kind === 'value') return []
  return [ownFinding('metrics', 'unwritable', 'warning', { ...reasonOf(written), file: path })]
}
