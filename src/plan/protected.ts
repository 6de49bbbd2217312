import type { ProcessStat } from '../core/facts.ts'

export type Protection = 'init' | 'kernel' | 'itself' | 'ancestor' | 'system'

export interface ProtectionFacts {
  processes: readonly ProcessStat[]
  /** This program. */
  selfPid: number
  /** Owner of a process; null when it cannot be read, which protects. */
  uidOf(pid: number): number | null
}

// What a host cannot lose: the way in, the engine that holds containers, what starts services, logs and jobs.
// `comm` is cut at 15 bytes.
const systemNames =
  /^(?:systemd|systemd-.*|\(sd-pam\)|init|sshd|sshd-session|dropbear|dockerd|docker-init|containerd|containerd-shim.*|conmon|podman|crio|runc|dbus-daemon|dbus-broker.*|cron|crond|agetty|login|udevd|NetworkManager|dhclient|dhcpcd)$/

/**
 * Processes that no rule and no config can have signalled, with the reason. Anybody can call a process `sshd`, so a
 * name protects only what belongs to root; `systemd` also as a user's manager.
 */
export const protectedProcesses = ({
  processes,
  selfPid,
  uidOf,
}: ProtectionFacts): Map<number, Protection> => {
  const byPid = new Map(processes.map((process) => [process.pid, process]))
  const found = new Map<number, Protection>()
  for (const process of processes) {
    const protection = byKind(process, uidOf)
    if (protection !== null) found.set(process.pid, protection)
  }
  for (const pid of ancestorsOf(selfPid, byPid)) if (!found.has(pid)) found.set(pid, 'ancestor')
  found.set(selfPid, 'itself')
  return found
}

const byKind = (process: ProcessStat, uidOf: ProtectionFacts['uidOf']): Protection | null => {
  if (process.pid === 1) return 'init'
  if (process.pid === 2 || process.isKernelThread) return 'kernel'
  if (!systemNames.test(process.comm)) return null
  const uid = uidOf(process.pid)
  return uid === 0 || uid === null || (process.comm === 'systemd' && process.ppid === 1) ? 'system' : null
}

const ancestorsOf = (pid: number, byPid: ReadonlyMap<number, ProcessStat>): number[] => {
  const ancestors: number[] = []
  // A pid reused while it was scanned could close a circle.
  for (let at = byPid.get(pid)?.ppid ?? 0; at > 0 && !ancestors.includes(at); at = byPid.get(at)?.ppid ?? 0)
    ancestors.push(at)
  return ancestors
}
