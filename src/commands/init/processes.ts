import { takeSnapshot } from '../../checks/observe/snapshot.ts'
import type { Host } from '../../host/host.ts'
import { type ProcessPattern, processPattern } from '../../plan/process-pattern.ts'
import { type Found, notableBytes } from './found.ts'

const mostNames = 8

const ofTheSystem =
  /^(systemd.*|init|dockerd|containerd.*|conmon|podman|sshd|cron|crond|dbus-daemon|rsyslogd|journalctl|snapd|polkitd|agetty|bash|zsh|fish|tmux.*|screen)$/i

interface Group {
  pattern: ProcessPattern
  processes: number
  bytes: number
}

/** Processes added up by name that hold much and belong to none of these cgroups, the biggest first. */
export const starterProcesses = (host: Host, cgroups: readonly string[]): Found => {
  const groups = new Map<string, Group>()
  for (const { stat, text } of takeSnapshot(host, null).candidates()) {
    const pattern = processPattern(text)
    if (pattern === null || ofTheSystem.test(pattern.name) || isWithin(host, stat.pid, cgroups)) continue
    const group = groups.get(pattern.match) ?? { pattern, processes: 0, bytes: 0 }
    groups.set(pattern.match, {
      pattern,
      processes: group.processes + 1,
      bytes: group.bytes + heldBytes(host, stat.pid, stat.rssBytes),
    })
  }
  const notable = [...groups.values()].filter(({ bytes }) => bytes >= notableBytes)
  return {
    services: notable
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, mostNames)
      .map(({ pattern, processes, bytes }) => ({
        name: pattern.name,
        target: { process: pattern.match },
        memoryBytes: bytes,
        limitBytes: null,
        remark: processes === 1 ? '' : `${processes} processes`,
      })),
    cgroups: [],
    notes: [],
  }
}

const isWithin = (host: Host, pid: number, cgroups: readonly string[]): boolean => {
  if (cgroups.length === 0) return false
  const path = host.cgroups.memoryPathOf(pid)
  return (
    path.kind === 'value' &&
    cgroups.some((cgroup) => path.value === cgroup || path.value.startsWith(`${cgroup}/`))
  )
}

/** What the process itself holds, swapped out or not; its RSS where that cannot be read. */
const heldBytes = (host: Host, pid: number, rssBytes: number): number => {
  const memory = host.processes.memory(pid)
  return memory.kind === 'value' ? memory.value.anonBytes + memory.value.swapBytes : rssBytes
}
