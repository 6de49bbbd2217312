import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'
import { type EndScope, endScope } from '../plan/end-scope.ts'
import { protectedProcesses } from '../plan/protected.ts'

const nothing: EndScope = { processes: [], newcomers: { sessions: [] }, protectedOnes: [] }

/** What a restart of a process service has to end. The engine and systemd know that of theirs themselves. */
export const endScopeOf = async (
  host: Host,
  { kind, pids }: ServiceFacts,
): Promise<EndScope | { impossible: string }> => {
  if (kind !== 'process' || pids.length === 0) return nothing
  const { commandWords } = await import('./command-words.ts')
  const scan = host.processes.scan()
  if (scan.kind !== 'value') return { impossible: 'the processes could not be listed' }
  const protections = protectedProcesses({
    processes: scan.value.processes,
    selfPid: host.pid,
    uidOf: (pid) => valueOrNull(host.processes.memory(pid))?.uid ?? null,
  })
  const scope = endScope({
    scan: scan.value,
    pids,
    protections,
    commandLine: (pid) => commandWords(host, pid),
  })
  const [first] = scope.protectedOnes
  // Started again beside one that lives on, the service would run twice.
  return first === undefined
    ? scope
    : { impossible: `process ${first.pid} (${first.words}) is protected: ${first.protection}` }
}
