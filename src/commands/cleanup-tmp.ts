import { exitCode, HealthError } from '../core/errors.ts'
import { escapeControl } from '../core/escape.ts'
import { ageStamps } from '../core/sweep.ts'
import { allFailed, cleanupText } from '../report/cleanup-text.ts'
import { addTotals } from '../store/totals.ts'
import type { Command } from './command.ts'

/** Removes stale temporary files, by the rules of the config or by those of the command line. */
export const command: Command = {
  arguments: '[dir...]',
  options: [
    {
      flags: '--older-than <duration>',
      help: 'only what is strictly older (default: 1d)',
      reads: 'duration',
    },
    { flags: '--match <glob...>', help: 'names to remove (default: all)' },
    { flags: '--exclude <glob...>', help: 'names to keep' },
    {
      flags: '--by <stamp>',
      help: 'age by newest (default), mtime, atime or ctime',
      choices: ageStamps,
    },
    { flags: '--empty-dirs', help: 'also folders that are empty then' },
    { flags: '--no-recurse', help: 'not in the folders below' },
    { flags: '--no-keep-open', help: 'also what a process has open' },
  ],
  config: 'load',
  lock: true,
  recordsOptional: true,
  observesOnly: false,
  logStem: 'cleanup',
  timeoutSeconds: 600,
  endsInTime: true,
  async run(context) {
    const { rulesOf } = await import('./cleanup/rules.ts')
    const rules = await rulesOf(context)
    if (rules.length === 0)
      throw new HealthError(
        exitCode.usage,
        'there is nothing to clean: no folder was named, and the config has no rule',
        'oratio-health cleanup-tmp DIR --older-than 1d, or `cleanup:` in the config',
      )
    const { cleanUp } = await import('./cleanup/clean-up.ts')
    const cleaned = await cleanUp(context, rules)
    const { failedCount, failedAgainCount, removed, removedBytes, isUnfinished, blind } = cleaned
    const toldCount = failedCount - failedAgainCount
    const { host, global } = context
    if (!global.dryRun)
      addTotals(host.save, global.stateDir, 'cleanup-tmp', { removed, removedBytes, failed: failedCount })
    return {
      status:
        blind.length > 0
          ? 'unknown'
          : failedCount > 0 && removed === 0
            ? 'critical'
            : failedCount > 0 || isUnfinished
              ? 'warning'
              : 'ok',
      document: {
        schema: 'cleanup-tmp@1',
        body: {
          removed,
          removedBytes,
          kept: cleaned.kept,
          paths: cleaned.paths,
          skipped: cleaned.skipped,
          skippedCount: cleaned.skippedCount,
          failed: allFailed(cleaned),
          failedCount,
          failedAgainCount,
          unfinished: isUnfinished,
          notDone: blind,
          dryRun: context.global.dryRun,
        },
      },
      text: (view) => cleanupText(cleaned, context.global.dryRun, view.verbose),
      textWhen: context.global.dryRun ? 'always' : 'interactive',
      problems: [
        ...blind.map((why) => `UNKNOWN cleanup-tmp: ${why}`),
        ...cleaned.failed.slice(0, 20).map(({ path, error }) => `WARN ${path}: ${error}`),
        ...(toldCount > 20 ? [`WARN and ${toldCount - 20} more${logHint(toldCount, global.dryRun)}`] : []),
        ...(isUnfinished ? ['WARN cleanup-tmp: the time was up; the next run goes on'] : []),
      ].map(escapeControl),
    }
  },
}

const logHint = (failedCount: number, dryRun: boolean): string =>
  dryRun ? '' : failedCount > 1000 ? '; the log has a thousand of each rule' : '; the log has them'
