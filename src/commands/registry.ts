import type { Command } from './command.ts'

/** One line a verb; the file is loaded only when the verb is called. */
export interface CommandEntry {
  name: string
  aliases?: readonly string[]
  summary: string
  load(): Promise<{ command: Command }>
}

export const commandRegistry: readonly CommandEntry[] = [
  {
    name: 'check',
    aliases: ['health-check'],
    summary: 'look at the host and its services once, judge, log',
    load: () => import('./check.ts'),
  },
  {
    name: 'watch',
    summary: 'check in the foreground, again and again; starts the services that have start:',
    load: () => import('./watch.ts'),
  },
  {
    name: 'cleanup-tmp',
    summary: 'remove stale temporary files, by the config or of folders named',
    load: () => import('./cleanup-tmp.ts'),
  },
  {
    name: 'kill-orphans',
    summary: 'end orphaned processes by the rules of the config, never the tracked one',
    load: () => import('./kill-orphans.ts'),
  },
  {
    name: 'journal-limits',
    summary: 'bounds of journald: apply the config, show what holds, remove',
    load: () => import('./journal-limits.ts'),
  },
  {
    name: 'crash-report',
    summary: 'what crashed, who is to blame, what to do next; of this host or of given logs',
    load: () => import('./crash-report.ts'),
  },
  {
    name: 'limits',
    summary: 'memory limits of containers and units: show, apply, remove; audit compose files',
    load: () => import('./limits.ts'),
  },
  {
    name: 'status',
    summary: 'all services at a glance, by what check has recorded; --watch keeps showing it',
    load: () => import('./status.ts'),
  },
  { name: 'config', summary: 'validate, show or describe the config', load: () => import('./config.ts') },
  {
    name: 'init',
    summary: 'write a starter config from what runs on this host',
    load: () => import('./init.ts'),
  },
  {
    name: 'doctor',
    summary: 'what this host lets the toolkit do, and what is missing',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'install',
    summary: 'folders, a config, and the schedule by cron or systemd; -n shows the difference',
    load: () => import('./install.ts'),
  },
  {
    name: 'uninstall',
    summary: 'take away what install has set up',
    load: () => import('./uninstall.ts'),
  },
  {
    name: 'trend',
    summary: 'leak verdict of a recorded service, or of a series in a file',
    load: () => import('./trend.ts'),
  },
  {
    name: 'metrics',
    summary: "the figures of the last check in Prometheus' text format",
    load: () => import('./metrics.ts'),
  },
  {
    name: 'verify',
    summary: 'does a fix hold: memory, growth, swap, CPU, uptime and processes against bounds',
    load: () => import('./verify.ts'),
  },
  {
    name: 'report',
    summary: 'one HTML page with a chart of each service: memory, limit, forecast, restarts, alerts',
    load: () => import('./report.ts'),
  },
  {
    name: 'demo',
    summary: 'half a minute end to end on a small leak of its own; leaves nothing behind',
    load: () => import('./demo.ts'),
  },
]
