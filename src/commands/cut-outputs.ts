import type { Config } from '../config/config.ts'
import type { Finding } from '../core/finding.ts'
import { formatBytes } from '../core/units.ts'
import type { RunContext } from './command.ts'
import type { Look } from './look.ts'
import { processFiles } from './process-files.ts'
import { ownFinding, reasonOf, recordLog } from './record.ts'
import { configOf, startOf } from './service-config.ts'

const mib = 1024 ** 2
/** A service that we start writes for as long as it lives, and nobody else rotates what it writes. */
const bounds = { above: 20 * mib, keep: mib }

/** Cuts the output of what `start:` has started, in the log folder, where it has become big. */
export const cutOutputs = (context: RunContext, { services }: Config, seen: Look): Finding[] => {
  const { host, global } = context
  // A very first run makes it at its end.
  if (host.save.info(global.logDir).kind === 'absent') return []
  return seen.services.flatMap(({ facts }) => {
    if (startOf(configOf(services, facts.name)).length === 0) return []
    const { outputFile } = processFiles(facts, global)
    const cut = host.save.cut(outputFile, bounds)
    if (cut.kind === 'failed')
      return [ownFinding('log', 'not-cut', 'warning', { ...reasonOf(cut), file: outputFile }, facts.name)]
    if (cut.kind === 'absent' || cut.value === 0) return []
    const text = `cut ${outputFile} at ${formatBytes(cut.value)}; its last ${formatBytes(bounds.keep)} are in ${outputFile}.1`
    return recordLog(context, 'health', [{ level: 'INFO', text }])
  })
}
