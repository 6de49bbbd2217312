import { scheduledCause } from '../../core/restart-memory.ts'
import { ledgerText, parseLedger, readLedger } from '../../store/restart-ledger.ts'
import { addRestarts, type Gathering, lackOf, outcome } from './source.ts'
import type { NamedService } from './suspect-name.ts'

/**
 * What this toolkit did by its own restart history; its restarts count with those of systemd and the engine, but for
 * those that `every:` asked for, which hide nothing.
 */
export const ownActions = (
  gathering: Gathering,
  logDir: string,
  services: readonly NamedService[],
): string[] => {
  const { host, sinceMs } = gathering
  const there = host.save.info(`${logDir}/restart_history.log`)
  if (there.kind === 'failed') outcome(gathering, 'own restart history', 0, true, lackOf(there))
  const lines = parseLedger(readLedger(host.save, logDir)).filter(({ atMs }) => atMs >= sinceMs)
  for (const service of new Set(lines.map((line) => line.service))) {
    const own = lines.filter((line) => line.service === service && line.event === 'restarted')
    const count = own.filter(({ detail }) => !detail.startsWith(scheduledCause)).length
    const { name, kind } = services.find((one) => one.service === service) ?? { name: service, kind: 'unit' }
    addRestarts(gathering, name, kind, count)
  }
  return lines.map((line) => ledgerText(line).trimEnd())
}
