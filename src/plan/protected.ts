import type { ProcessStat } from '../core/facts.ts'

export type Protection = 'init' | 'kernel' | 'itself' | 'ancestor' | 'system' | 'tracked' | 'spared'

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

/** Whoever runs them: they hold what people, and other engines, have running. */
const holderNames =
  /^(?:tmux: server|screen|SCREEN|conmon|containerd-shim.*|qemu-system.*|libvirtd|lxc-start|mosh-server)$/

/**
 * Processes that no rule and no config can have signalled, with the reason. Anybody can call a process `sshd`, so a
 * name protects only what belongs to root; `systemd` also as a user's manager.
 */
export const protectedProcesses = ({
  processes,
  selfPid,
  uidOf,
}: ProtectionFacts): Map<number, Protection> => {
  const byPid = new Map(processes.map((candidate) => [candidate.pid, candidate]))
  const found = new Map<number, Protection>()
  for (const candidate of processes) {
    const protection = byKind(candidate, uidOf)
    if (protection !== null) found.set(candidate.pid, protection)
  }
  for (const pid of ancestorsOf(selfPid, byPid)) if (!found.has(pid)) found.set(pid, 'ancestor')
  found.set(selfPid, 'itself')
  return found
}

const byKind = (candidate: ProcessStat, uidOf: ProtectionFacts['uidOf']): Protection | null => {
  if (candidate.pid === 1) return 'init'
  if (candidate.pid === 2 || candidate.isKernelThread) return 'kernel'
  if (holderNames.test(candidate.comm)) return 'system'
  if (!systemNames.test(candidate.comm)) return null
  const uid = uidOf(candidate.pid)
  return uid === 0 || uid === null || (candidate.comm === 'systemd' && candidate.ppid === 1) ? 'system' : null
}

const ancestorsOf = (pid: number, byPid: ReadonlyMap<number, ProcessStat>): number[] => {
  const ancestors: number[] = []
  // A pid reused while it was scanned could close a circle.
  for (let at = byPid.get(pid)?.ppid ?? 0; at > 0 && !ancestors.includes(at); at = byPid.get(at)?.ppid ?? 0)
    ancestors.push(at)
  return ancestors
}
