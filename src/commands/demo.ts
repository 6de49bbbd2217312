import { endStatus, exitCode, HealthError } from '../core/errors.ts'
import type { Command, CommandResult } from './command.ts'
import { type Played, play } from './demo/play.ts'

/** Half a minute from growth to report, on a small leak of its own; leaves nothing behind. */
export const command: Command = {
  config: 'none',
  lock: false,
  observesOnly: false,
  logStem: 'health',
  timeoutSeconds: null,
  async run(context) {
    const { host, global } = context
    if (global.dryRun)
      throw new HealthError(
        exitCode.usage,
        'demo has nothing to rehearse',
        'it touches only processes and a folder of its own',
      )
    const shows = !global.json && !global.quiet
    return resultOf(await play(host, (text) => shows && host.out.stdout(text)))
  },
}

const resultOf = ({ steps, trouble, signal }: Played): CommandResult => {
  const base = {
    text: () => '',
    textWhen: 'always' as const,
    document: { schema: 'demo@1', body: { steps, trouble } },
  }
  // Also after a signal, which alone leaves nothing behind.
  if (trouble !== null)
    return {
      ...base,
      status: 'critical',
      problems: [`CRIT demo: ${trouble}`],
      text: () => `demo: ${trouble}\n`,
    }
  if (signal !== null)
    return {
      ...base,
      status: 'unknown',
      exitCode: endStatus[signal],
      problems: [],
      text: () => 'nothing is left behind\n',
    }
  return { ...base, status: 'ok', problems: [], text: () => ending }
}

const ending = `
The processes and the folder of the demo are gone again. Next:
  oratio-health check      what is on this host
  oratio-health init       a config from what runs here
  oratio-health install    look every minute
`
