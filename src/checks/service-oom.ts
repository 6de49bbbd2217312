import { flag } from '../core/field.ts'
import type { Finding } from '../core/finding.ts'
import { type ServiceCheck, unreadable } from './check.ts'

/** The kernel's OOM killer in this lifetime of the service: the main process may have survived it, as if all were well. */
export const serviceOom: ServiceCheck<boolean> = {
  scope: 'service',
  name: 'oom',
  key: null,
  limits: flag('Has no limits', true),

  judge({ oomKills, memory }): Finding[] {
    if (oomKills.kind === 'absent') return []
    // Both come from one cgroup: once is enough to say that it cannot be read.
    if (oomKills.kind === 'failed') return memory.kind === 'failed' ? [] : [unreadable('oom', oomKills)]
    const kills = oomKills.value
    const status = kills > 0 ? 'warning' : 'ok'
    return [
      { check: 'oom', code: 'kills', status, value: kills, unit: 'count', warn: 1, crit: null, args: {} },
    ]
  },
}
