import type { Host } from '../../host/host.ts'
import { metricsHead } from '../../report/metrics-text.ts'

/** By its first line; an empty one is nobody's, and nobody's loss. */
export const isOwnTextfile = (host: Host, path: string): boolean => {
  const part = host.files.readFrom(path, 0, metricsHead.length + 1, true)
  return part.kind === 'value' && (part.value.text === '' || part.value.text.startsWith(metricsHead))
}
