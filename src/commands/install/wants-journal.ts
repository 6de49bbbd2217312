import type { LoadedConfig } from '../../config/config.ts'
import type { Host } from '../../host/host.ts'

/** Only root can, and only where journald runs. */
export const wantsJournal = (host: Host, { config }: LoadedConfig): boolean =>
  host.uid === 0 && Object.keys(config.journal).length > 0 && hasJournald(host)

const hasJournald = (host: Host): boolean => host.files.info('/run/systemd/system').kind === 'value'
