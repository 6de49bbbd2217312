import { worstStatus } from '../core/finding.ts'
import { orphansText } from '../report/orphans-text.ts'
import { addTotals } from '../store/totals.ts'
import type { Command } from './command.ts'

/** Of those that are left, in the lines for cron's mail. */
const mostNamed = 20

/** Ends orphaned processes by the rules of the config, never the tracked one. */
export const command: Command = {
  arguments: '[rule...]',
  options: [
    { flags: '--grace <duration>', help: 'between SIGTERM and SIGKILL (default: 3s)', reads: 'duration' },
  ],
  config: 'load',
  lock: true,
  observesOnly: false,
  logStem: 'orphans',
  timeoutSeconds: 120,
  async run(context) {
    const { killOrphans } = await import('./orphans/kill.ts')
    const rules = await killOrphans(context)
    const killed = rules.flatMap((rule) => rule.killed)
    const survivors = rules.flatMap((rule) => rule.survivors)
    const { host, global } = context
    if (!global.dryRun)
      addTotals(host.save, global.stateDir, 'kill-orphans', {
        ended: killed.length,
        survived: survivors.length,
      })
    const blind = rules.flatMap(({ name, blind: why, refused }) =>
      why === null ? [] : [{ rule: name, reason: why, refused }],
    )
    return {
      status: worstStatus([
        ...blind.map(({ refused }) => (refused ? ('critical' as const) : ('unknown' as const))),
        ...(survivors.length > 0 ? (['warning'] as const) : []),
        'ok',
      ]),
      document: {
        schema: 'kill-orphans@1',
        body: {
          matched: rules.reduce((sum, { matched }) => sum + matched, 0),
          killed,
          wouldKill: rules.flatMap(({ wouldKill }) => wouldKill).map(({ seen: _, ...one }) => one),
          spared: rules.flatMap(({ spared }) => spared).map(({ seen: _, ...one }) => one),
          survivors,
          notDone: blind,
          dryRun: context.global.dryRun,
        },
      },
      text: (view) => orphansText(rules, view, host.out.stdoutIsTerminal),
      textWhen: context.global.dryRun ? 'always' : 'interactive',
      problems: [
        ...blind.map(
          ({ rule, reason, refused }) => `${refused ? 'CRIT' : 'UNKNOWN'} kill-orphans ${rule}: ${reason}`,
        ),
        ...survivors
          .slice(0, mostNamed)
          .map(({ pid, command: words, reason }) => `WARN ${pid} ${words}: ${reason}`),
        ...(survivors.length > mostNamed
          ? [`WARN and ${survivors.length - mostNamed} more; --json names all`]
          : []),
        ...(killed.length > 0 ? [`DONE kill-orphans: ${killed.length} ended; the log names them`] : []),
      ],
    }
  },
}
