import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'

/**
 * By it the folder is called in which journald keeps this machine's own journal, and to which its caps apply: namespaces, remote
 * journals and the host that an image was cloned from lie beside it. Null: it is not there.
 */
export const machineIdOf = (host: Host): string | null => {
  const id = valueOrNull(host.files.readText('/etc/machine-id'))?.trim() ?? ''
  return /^[0-9a-f]{32}$/.test(id) ? id : null
}
