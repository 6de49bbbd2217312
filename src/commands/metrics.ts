import { exitCode, HealthError } from '../core/errors.ts'
import { absent } from '../core/reading.ts'
import { metricsText } from '../report/metrics-text.ts'
import { statePath } from '../store/paths.ts'
import { readLastCheck } from '../store/read-last-check.ts'
import { loadState } from '../store/state.ts'
import type { Command } from './command.ts'
import { mayNotRead } from './may-not-read.ts'
import { metricsFacts } from './metrics/facts.ts'
import { jobsScheduled } from './overdue-jobs.ts'

/** The figures of the last check in Prometheus' text format, as `metrics.textfile` has them. Looks at records only. */
export const command: Command = {
  config: 'load',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: null,
  async run(context) {
    const { host, global, loaded } = context
    if (!host.live)
      throw new HealthError(exitCode.usage, 'a captured host (--root) has no records', 'take off --root')
    const last = readLastCheck(host.save, global.stateDir)
    if (last.kind === 'failed' && last.cause === 'denied') throw mayNotRead(last.what)
    if (last.kind === 'failed')
      throw new HealthError(
        exitCode.unknown,
        `the last check cannot be read: ${last.detail}`,
        'run oratio-health check',
      )
    // Nothing is moved aside by a command that only reads.
    const reads = { ...host.save, setAside: () => absent('a place for it') }
    const { restarts, remembered } = loadState(reads, statePath(global.stateDir), host.now()).state
    const facts = metricsFacts(
      context,
      last.kind === 'value' ? last.value : null,
      { restarts, scheduled: jobsScheduled(remembered.jobs) },
      loaded?.config.journal ?? {},
    )
    const text = metricsText(facts)
    return {
      status: last.kind === 'value' ? 'ok' : 'unknown',
      document: { schema: 'metrics@1', body: { text } },
      text: () => text,
      isFile: true,
      textWhen: 'always',
      problems: last.kind === 'value' ? [] : ['UNKN nothing is recorded yet: run oratio-health check'],
    }
  },
}
