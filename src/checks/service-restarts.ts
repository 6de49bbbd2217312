import { flag } from '../core/field.ts'
import type { Finding } from '../core/finding.ts'
import type { ServiceCheck } from './check.ts'

/** What the engine or systemd has restarted by itself so far. A figure: how often in what time is not judged here. */
export const serviceRestarts: ServiceCheck<boolean> = {
  scope: 'service',
  name: 'restarts',
  key: null,
  limits: flag('Has no limits', true),

  judge: ({ restarts, kind }): Finding[] =>
    restarts.kind === 'value' && restarts.value > 0
      ? [
          {
            check: 'restarts',
            code: 'count',
            status: 'ok',
            value: restarts.value,
            unit: 'count',
            warn: null,
            crit: null,
            args: { kind },
          },
        ]
      : [],
}
