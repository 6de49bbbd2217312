import { localStamp } from '../../core/stamp.ts'
import type { Host } from '../../host/host.ts'
import { parseMeminfo } from '../../parse/meminfo.ts'
import type { StarterFacts } from '../../plan/starter-config.ts'
import { isThere } from '../doctor/found.ts'
import { starterContainers } from './containers.ts'
import { starterProcesses } from './processes.ts'
import { starterUnits } from './units.ts'

/** What runs here and may deserve watching: containers, units of the administrator or of note, then big processes. */
export const starterFacts = async (host: Host): Promise<StarterFacts> => {
  const [containers, units] = await Promise.all([starterContainers(host), starterUnits(host)])
  const processes = starterProcesses(host, [...containers.cgroups, ...units.cgroups])
  const meminfo = host.files.readText('/proc/meminfo')
  const memory = meminfo.kind === 'value' ? parseMeminfo(meminfo.value) : meminfo
  return {
    hostname: host.hostname,
    madeAt: localStamp(host.now()),
    example: exampleOf(host),
    totalMemoryBytes: memory.kind === 'value' ? memory.value.totalBytes : null,
    services: [...containers.services, ...units.services, ...processes.services],
    notes: [...containers.notes, ...units.notes, ...processes.notes],
  }
}

/** Beside the program's folder as npm has it, or where Debian wants it. */
const exampleOf = (host: Host): string | null => {
  const program = host.files.resolve(host.program.at(-1) ?? '')
  const beside =
    program.kind === 'value' ? program.value.path.replace(/\/[^/]*\/[^/]*$/, '/config.example.yaml') : ''
  const places = [beside, '/usr/share/doc/oratio-health/examples/config.yaml']
  return places.find((path) => path.startsWith('/') && isThere(host, path)) ?? null
}
