import { optionalRecord, size } from '../core/field.ts'
import type { Finding } from '../core/finding.ts'
import type { ServiceCheck } from './check.ts'

/** As `limit` in config/features.ts has it; here only whether one is wanted counts. */
const limits = optionalRecord('The limits that are wanted', {
  memory: size('Hard limit', null),
  reservation: size('Soft limit', null),
})

/** A container that nothing keeps from taking all memory: a note, and a warning once the config wants a limit. */
export const serviceLimit: ServiceCheck<typeof limits.default> = {
  scope: 'service',
  name: 'limit',
  key: null,
  feature: 'limit',
  limits,

  judge({ kind, memory }, wanted): Finding[] {
    const wantedBytes = wanted?.memory ?? null
    if (memory.kind !== 'value') return []
    if (kind !== 'container' && wantedBytes === null) return []
    const { limitBytes, limitAt } = memory.value
    const hasNone = limitBytes === null
    return [
      {
        check: 'limit',
        code: hasNone ? 'no-limit' : 'limit',
        status: hasNone && wantedBytes !== null ? 'warning' : 'ok',
        value: limitBytes,
        unit: 'bytes',
        warn: null,
        crit: null,
        args: { limitAt, wantedBytes },
      },
    ]
  },
}
