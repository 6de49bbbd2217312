import { endStatus, exitCode, HealthError } from '../core/errors.ts'
import type { Command } from './command.ts'

/** `check` in the foreground, again and again; a container's entrypoint for services that have `start:`. */
export const command: Command = {
  arguments: '[service...]',
  options: [
    {
      flags: '--interval <duration>',
      help: 'from the start of one check to the start of the next (default: 30s)',
      reads: 'duration',
    },
    { flags: '--count <number>', help: 'end after so many checks', reads: 'count' },
    { flags: '--no-act', help: 'look, judge and record, but start and restart nothing' },
  ],
  config: 'load',
  lock: true,
  observesOnly: false,
  logStem: 'health',
  timeoutSeconds: null,
  async run(context) {
    const { options } = context
    if (options.count === 0)
      throw new HealthError(exitCode.usage, '--count 0 would check nothing', 'leave it out to go on for good')
    const { watch } = await import('./watch/watch.ts')
    const { signal, code } = await watch(context, {
      intervalMs: ((options.interval as number | undefined) ?? 30) * 1000,
      count: (options.count as number | undefined) ?? Number.POSITIVE_INFINITY,
    })
    return {
      status: 'ok',
      exitCode: signal === null ? code : endStatus[signal],
      isPrinted: true,
      document: null,
      text: () => '',
      textWhen: 'interactive',
      problems: [],
    }
  },
}
