import type { Config } from '../config/config.ts'
import type { Finding } from '../core/finding.ts'

/**
 * What the config may say already and this version does not act on. An alert that is configured and never sent must not
 * look as if it were: `check` says so until the version that does it takes the key off this list.
 */
export const notYet = ({ metrics }: Config): Finding[] => {
  const keys = [...(metrics.textfile !== null ? ['metrics.textfile'] : [])]
  if (keys.length === 0) return []
  return [
    {
      check: 'config',
      code: 'not-yet',
      status: 'warning',
      value: null,
      unit: null,
      warn: null,
      crit: null,
      args: { keys: keys.join(', ') },
    },
  ]
}
