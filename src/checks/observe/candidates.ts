import type { ProcessStat } from '../../core/facts.ts'
import { familyOf, isDead, type ProcessTree } from './process-tree.ts'

export interface Candidate {
  stat: ProcessStat
  /** The whole command line; the name of a process that wrote over it, as pgrep(1) takes it then. */
  text: string
}

/**
 * What may be a service: neither kernel threads nor zombies, nor this tool, nor what started it (cron, its shell,
 * sudo) or what it started itself, whose command lines have the service's name in them just as well.
 *
 * @param ownPid null for a captured host, whose pids are none of ours
 */
export const candidatesOf = (
  tree: ProcessTree,
  ownPid: number | null,
  commandLine: (pid: number) => string,
): Candidate[] => {
  const family = ownPid === null ? new Set<number>() : familyOf(tree, ownPid)
  const candidates: Candidate[] = []
  for (const stat of tree.byPid.values()) {
    if (stat.isKernelThread || isDead(stat) || family.has(stat.pid)) continue
    const text = commandLine(stat.pid) || stat.comm
    if (!isThisTool(text)) candidates.push({ stat, text })
  }
  return candidates
}

/** Another run of this program, e.g. `/usr/bin/node --no-warnings /usr/bin/oratio-health watch NAME`. */
const isThisTool = (commandLine: string): boolean =>
  commandLine
    .split(' ', 8)
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .some((word) => /(?:^|\/)oratio-health(?:\.js)?$/.test(word))
