import { loadConfig } from '../../config/load.ts'
import { HealthError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { metricsHead } from '../../report/metrics-text.ts'
import { isOwnTextfile } from '../metrics/own-textfile.ts'
import type { Step } from './perform.ts'

/**
 * Figures that nobody renews would raise an alert for ever. One of others is theirs.
 * `unread`: why the config, and with it the place of a file, could not be known.
 */
export const ownTextfile = async (
  host: Host,
  config: string | null,
): Promise<{ steps: Step[]; unread: string | null }> => {
  try {
    const path = (await loadConfig(host, config)).config.metrics.textfile
    if (path === null || host.files.info(path).kind !== 'value' || !isOwnTextfile(host, path))
      return { steps: [], unread: null }
    return { steps: [{ kind: 'file', path, before: `${metricsHead}\n`, after: null }], unread: null }
  } catch (error) {
    if (!(error instanceof HealthError)) throw error
    return {
      steps: [],
      unread: `the config cannot be read, so a file of \`metrics.textfile\` stays where it is: ${error.message}`,
    }
  }
}
