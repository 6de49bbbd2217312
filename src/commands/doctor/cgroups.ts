import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { type Examination, fine, warning } from './examination.ts'
import { isThere } from './found.ts'

export const cgroups: Examination = {
  name: 'cgroups',
  examine: ({ host }) =>
    host.live || isThere(host, '/proc/self') ? [memoryController(host), pressure(host)] : [],
}

const memoryController = (host: Host): Verdict => {
  const { version } = host.cgroups
  if (version === 'none')
    return warning(
      'no cgroup file system: the memory of containers and units cannot be told',
      'mount it: in a container, run that with --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup:ro',
    )
  const isOn = hasMemoryController(host)
  if (isOn === false)
    return warning(
      `cgroup ${version} without the memory controller: no memory figures and no limits of containers and units`,
      // Raspberry Pi OS boots with cgroup_disable=memory from its firmware; the last word on the command line wins.
      'add cgroup_enable=memory to the kernel command line (Raspberry Pi: /boot/firmware/cmdline.txt), then reboot',
    )
  const events =
    version === 'v2'
      ? 'memory.events counts OOM kills'
      : 'memory.oom_control counts OOM kills since Linux 4.13'
  return fine(`cgroup ${version} with the memory controller; ${events}`)
}

/** Null where neither file is there to tell. v2's own list comes first: /proc/cgroups is about v1. */
const hasMemoryController = (host: Host): boolean | null => {
  if (host.cgroups.version === 'v2') {
    const controllers = host.files.readText('/sys/fs/cgroup/cgroup.controllers')
    if (controllers.kind === 'value') return controllers.value.trim().split(' ').includes('memory')
  }
  // `memory  0  102  0`: the last column says whether it is enabled.
  const table = host.files.readText('/proc/cgroups')
  if (table.kind !== 'value') return null
  return /^memory\s+\d+\s+\d+\s+1$/m.test(table.value)
}

const pressure = (host: Host): Verdict =>
  host.files.readText('/proc/pressure/memory').kind === 'value'
    ? fine('memory pressure (PSI) is measured by the kernel')
    : fine('memory pressure (PSI) is not measured by this kernel', 'boot with psi=1 where the kernel has it')
