import { exitCode, HealthError } from '../core/errors.ts'
import { glyphsOf, speller } from '../report/glyphs.ts'
import { statusDocument } from '../report/status-document.ts'
import type { StatusReport } from '../report/status-report.ts'
import { statusProblems, statusText } from '../report/status-text.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { readHistories } from './status/history.ts'
import { scheduledJobs } from './status/jobs.ts'
import { makeReport } from './status/report.ts'

/** All services at a glance, by what `check` has recorded; looks at nothing else, and changes nothing. */
export const command: Command = {
  arguments: '[service...]',
  options: [
    { flags: '--watch', help: 'keep showing it on the whole terminal, until Ctrl-C' },
    {
      flags: '--interval <duration>',
      help: 'with --watch: from one redraw to the next (default: 5s)',
      reads: 'duration',
    },
    { flags: '--from <dir...>', help: 'other hosts, by their check --json or metrics files gathered there' },
    {
      flags: '--max-age <duration>',
      help: 'with --from: what is older is unknown (default: 30m)',
      reads: 'duration',
    },
    { flags: '-o, --output <file>', help: 'with --from: write an HTML page, too; - for standard output' },
  ],
  config: 'none',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: null,
  async run(context) {
    const { host, options } = context
    if (!host.live)
      throw new HealthError(exitCode.usage, 'a captured host (--root) has no records', 'take off --root')
    if (options.from !== undefined) return ofFleet(context)
    for (const [option, flag] of [
      ['maxAge', '--max-age'],
      ['output', '-o'],
    ] as const)
      if (options[option] !== undefined)
        throw new HealthError(exitCode.usage, `${flag} is for --from`, 'give --from DIR, too')
    if (options.watch === true) return watched(context)
    if (options.interval !== undefined)
      throw new HealthError(exitCode.usage, '--interval is for --watch', 'give --watch, too')
    const report = await reporter(context)
    return resultOf(context, report())
  },
}

const ofFleet = async (context: RunContext): Promise<CommandResult> => {
  if (context.options.watch !== undefined || context.options.interval !== undefined)
    throw new HealthError(
      exitCode.usage,
      '--watch is for this host, --from is for others',
      'run it again and again, e.g. by watch(1)',
    )
  const { fleetStatus } = await import('./status/fleet.ts')
  return fleetStatus(context)
}

/** Crontabs and timers are read once: they change when a person changes them. */
const reporter = async ({ host, global, args }: RunContext): Promise<() => StatusReport> => {
  const { stateDir } = global
  const due = await scheduledJobs(host, stateDir)
  const histories = readHistories(host, stateDir)
  return () => makeReport(host, { stateDir, names: args, due, histories })
}

const resultOf = ({ host }: RunContext, report: StatusReport): CommandResult => ({
  status: report.status,
  document: statusDocument(report),
  text: (view) => statusText(report, { ...view, glyphs: glyphsOf(host.env), rows: null }),
  textWhen: 'always',
  problems: statusProblems(report),
})

const watched = async (context: RunContext): Promise<CommandResult> => {
  const { host, options, global } = context
  const { watchStatus } = await import('./status/watch.ts')
  const intervalMs = Math.max(0.2, (options.interval as number | undefined) ?? 5) * 1000
  const spelled = await speller(host.env)
  let report: (() => StatusReport) | null = null
  const signal = await watchStatus(context, intervalMs, async ({ columns, rows }) => {
    report ??= await reporter(context)
    const { color } = host.out
    const view = { columns, rows, color, verbose: global.verbose, glyphs: glyphsOf(host.env) }
    return spelled(statusText(report(), view))
  })
  return {
    status: 'ok',
    exitCode: signal === 'SIGTERM' ? exitCode.terminated : signal === 'SIGHUP' ? 129 : exitCode.interrupted,
    isPrinted: true,
    document: null,
    text: () => '',
    textWhen: 'always',
    problems: [],
  }
}
