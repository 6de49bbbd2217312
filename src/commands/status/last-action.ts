import type { ServiceStatus } from '../../report/status-report.ts'
import type { ServiceRestarts } from '../../store/restart-state.ts'

/** What was done to a service last, by whomever; null: nothing that is remembered. */
export const lastActionOf = ({ memory, others }: ServiceRestarts): ServiceStatus['lastAction'] => {
  const other = others.at(-1)
  const all: (ServiceStatus['lastAction'] & object)[] = [
    ...memory.restartedAtMs.slice(-1).map((atMs) => ({ atMs, kind: 'restarted' as const })),
    ...memory.scheduledAtMs.slice(-1).map((atMs) => ({ atMs, kind: 'scheduled-restart' as const })),
    ...(other === undefined
      ? []
      : [
          {
            atMs: other.atMs,
            kind: other.by === 'engine' ? ('by-engine' as const) : ('by-systemd' as const),
          },
        ]),
    ...(memory.gaveUpAtMs === null ? [] : [{ atMs: memory.gaveUpAtMs, kind: 'gave-up' as const }]),
  ]
  return all.sort((a, b) => b.atMs - a.atMs)[0] ?? null
}
