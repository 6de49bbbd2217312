import type { UnitFacts } from '../../core/facts.ts'
import type { Host } from '../../host/host.ts'
import type { StarterService } from '../../plan/starter-config.ts'
import { failureWords } from '../../report/failure-words.ts'
import { type Found, measureCgroup, notableBytes } from './found.ts'

const mostUnits = 15

/** Parts of the system and of container engines: big ones show in `check` all the same. */
const ofTheSystem =
  /^(systemd-|dbus|getty@|serial-getty@|console-getty|user@|user-runtime-dir@|polkit|cron|crond|ssh|sshd|rsyslog|docker|containerd|podman|snap|unattended-upgrades|packagekit|accounts-daemon|udisks2|ModemManager|NetworkManager|networkd-dispatcher|wpa_supplicant|multipathd|irqbalance|thermald|chrony|ntp|atd|acpid|lvm2-|apt-|man-db|fwupd|upower|colord|rtkit-daemon|avahi-daemon|cups|bluetooth|oratio-health)/

/** Running units that the administrator made (a file in /etc/systemd/system) or that hold much, the biggest first. */
export const starterUnits = async (host: Host): Promise<Found> => {
  const all = await host.systemd.units()
  if (all.kind === 'absent') return { services: [], cgroups: [], notes: [] }
  if (all.kind === 'failed') {
    const { why } = failureWords(all.cause, all.what, all.detail)
    return { services: [], cgroups: [], notes: [`Units could not be asked for: ${why}`] }
  }
  const notable = all.value
    .filter(
      ({ id, activeState, subState }) => activeState === 'active' && subState === 'running' && isNameable(id),
    )
    .map((unit) => ({ unit, service: propose(host, unit) }))
    .filter(({ unit, service }) => isMadeHere(host, unit.id) || (service.memoryBytes ?? 0) >= notableBytes)
    .sort((a, b) => (b.service.memoryBytes ?? 0) - (a.service.memoryBytes ?? 0))
  const left = notable.length - mostUnits
  const chosen = notable.slice(0, mostUnits)
  return {
    services: chosen.map(({ service }) => service),
    cgroups: chosen.flatMap(({ unit }) => (unit.controlGroup ? [unit.controlGroup] : [])),
    notes: left > 0 ? [`${left} more units of note run here and are not listed`] : [],
  }
}

/** What the config takes for a unit (systemd.unit(5)). */
const isNameable = (id: string): boolean =>
  /^[A-Za-z0-9_:.\\@][A-Za-z0-9_:.\\@-]*\.service$/.test(id) && !ofTheSystem.test(id)

/** A link there is only an `enable` of what a package brought. */
const isMadeHere = (host: Host, id: string): boolean => {
  const info = host.files.info(`/etc/systemd/system/${id.replace(/@[^.]*\./, '@.')}`)
  return info.kind === 'value' && info.value.kind === 'file'
}

const propose = (host: Host, unit: UnitFacts): StarterService => {
  const { memoryBytes, limitBytes } = measureCgroup(host, unit.controlGroup || null)
  return {
    name: unit.id.replace(/\.service$/, ''),
    target: { unit: unit.id },
    memoryBytes,
    limitBytes: unit.memoryMaxBytes ?? limitBytes,
    remark: unit.restarts > 0 ? `restarted ${unit.restarts} times` : '',
  }
}
