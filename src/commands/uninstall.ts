import { schedulers } from '../core/scheduler.ts'
import type { Command } from './command.ts'

/** Takes away what install has set up; works with a broken config, and when half of it is missing. */
export const command: Command = {
  options: [
    {
      flags: '--scheduler <scheduler>',
      help: 'only what cron or systemd starts; default: whatever is here',
      choices: schedulers,
    },
    { flags: '--purge', help: 'also state, history, logs, and the config as install wrote it' },
  ],
  config: 'none',
  lock: false,
  observesOnly: false,
  logStem: 'health',
  timeoutSeconds: 300,
  run: async (context) => (await import('./install/uninstall.ts')).uninstall(context),
}
