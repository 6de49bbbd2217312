import type { Config } from '../../config/config.ts'
import { ledgerText, parseLedger, readLedger } from '../../store/restart-ledger.ts'
import { addRestarts, type Gathering, lackOf, outcome } from './source.ts'
import { suspectKind, suspectName } from './suspect-name.ts'

/** What this toolkit did by its own restart history; its restarts count with those of systemd and the engine. */
export const ownActions = (gathering: Gathering, logDir: string, config: Config | null): string[] => {
  const { host, sinceMs, containerNames } = gathering
  const there = host.save.info(`${logDir}/restart_history.log`)
  if (there.kind === 'failed') outcome(gathering, 'own restart history', 0, true, lackOf(there))
  const lines = parseLedger(readLedger(host.save, logDir)).filter(({ atMs }) => atMs >= sinceMs)
  for (const service of new Set(lines.map((line) => line.service))) {
    const count = lines.filter((line) => line.service === service && line.event === 'restarted').length
    const services = config?.services ?? {}
    const target = Object.hasOwn(services, service) ? services[service]?.target : undefined
    const name = target === undefined ? service : suspectName(service, target, containerNames)
    addRestarts(gathering, name, target === undefined ? 'unit' : suspectKind(target), count)
  }
  return lines.map((line) => ledgerText(line).trimEnd())
}
