import { schedulers } from '../core/scheduler.ts'
import type { Command } from './command.ts'

/** Folders, a config if there is none, the schedule, and the journal limits of the config; a second run changes nothing. */
export const command: Command = {
  options: [
    {
      flags: '--scheduler <scheduler>',
      help: 'cron or systemd; default: as installed, else what is here',
      choices: schedulers,
    },
    {
      flags: '--every <duration>',
      help: 'how often check runs, default 1m; below 1m by systemd',
      reads: 'duration',
    },
    { flags: '--force', help: 'also over what was changed by hand in a schedule of ours' },
  ],
  // It reads the config by itself, since there may be none yet.
  config: 'none',
  // Its own, which it shares with uninstall; a dry run leaves no trace.
  lock: false,
  observesOnly: false,
  logStem: 'health',
  timeoutSeconds: 300,
  run: async (context) => (await import('./install/install.ts')).install(context),
}
