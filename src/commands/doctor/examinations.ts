import { cgroups } from './cgroups.ts'
import { clock } from './clock.ts'
import { config } from './config.ts'
import { cron } from './cron.ts'
import { engine } from './engine.ts'
import type { Examination } from './examination.ts'
import { folders } from './folders.ts'
import { jobs } from './jobs.ts'
import { journal } from './journal.ts'
import { mail } from './mail.ts'
import { node } from './node.ts'
import { permissions } from './permissions.ts'
import { processes } from './processes.ts'
import { schedule } from './schedule.ts'
import { swap } from './swap.ts'
import { systemd } from './systemd.ts'

/** In the order in which they are shown. */
export const examinations: readonly Examination[] = [
  config,
  permissions,
  processes,
  engine,
  systemd,
  cgroups,
  swap,
  journal,
  cron,
  schedule,
  jobs,
  mail,
  clock,
  folders,
  node,
]
