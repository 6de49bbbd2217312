import type { ActionResult, EndProcessesAction, ProcessIdentity } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { Failed } from '../core/reading.ts'
import type { Member, Roster } from './roster.ts'

/** How many are named; a report of 200 orphans is no line any more. */
const named = 5
const namedWidth = 80

/** `end 2 processes (SIGTERM, after 3 s SIGKILL): 812 python3 app.py, 815 python3 worker.py`; with lines of their own not by name. */
export const endWords = ({ processes, graceMs, figures }: EndProcessesAction): string => {
  const names = figures === undefined ? `: ${listed(processes)}` : ''
  return `end ${counted(processes)} (SIGTERM, after ${graceMs / 1000} s SIGKILL)${names}`
}

/** @param held of the cgroups that were frozen for it */
export const endResult = (
  roster: Roster,
  unscanned: Failed | null,
  { ms: heldMs, stillFrozen } = { ms: 0, stillFrozen: [] as readonly string[] },
): ActionResult => {
  const members = [...roster.members.values()]
  const unsure = [
    ...(unscanned === null ? [] : [`whether any is left could not be seen: ${unscanned.detail}`]),
    ...(stillFrozen.length === 0 ? [] : [`still frozen: ${stillFrozen.join(', ')}`]),
  ]
  const faults = [
    ...unsure,
    ...aboutAll(members, 'survived', 'still there after SIGKILL'),
    ...aboutAll(members, 'denied', 'may not be signalled'),
    ...aboutAll(members, 'protected', 'never to be signalled'),
  ]
  const zombies = members.filter((member) => member.isZombie && member.end !== 'protected')
  const notes = [
    ...(heldMs === 0 ? [] : [`their cgroup was frozen for ${heldMs} ms`]),
    ...(zombies.length === 0 ? [] : [`${counted(zombies)} ended but not reaped by ${parentsOf(zombies)}`]),
  ]
  return {
    outcome: faults.length === 0 ? 'done' : 'failed',
    detail: [...faults, ...notes].join('; '),
    ends: members.flatMap(({ pid, startTicks, words, end }) =>
      end === null ? [] : [{ pid, startTicks, words, end }],
    ),
    ...(unsure.length === 0 ? {} : { unsure: unsure.join('; ') }),
  }
}

const aboutAll = (members: readonly Member[], end: Member['end'], words: string): string[] => {
  const those = members.filter((member) => member.end === end)
  return those.length === 0 ? [] : [`${counted(those)} ${words}: ${listed(those)}${stateWords(those)}`]
}

// A process in the cgroup-v1 freezer is shown as D too.
const stateWords = (members: readonly Member[]): string =>
  members.some(({ end, state }) => end === 'survived' && state === 'D')
    ? ' (state D: it waits for a disk or network share, or its cgroup is frozen)'
    : ''

const parentsOf = (zombies: readonly Member[]): string => {
  const parents = [...new Set(zombies.map(({ ppid }) => ppid))]
  return parents.length === 1 ? `process ${parents[0]}` : `${parents.length} other processes`
}

const counted = ({ length }: readonly unknown[]): string =>
  length === 1 ? '1 process' : `${length} processes`

const listed = (processes: readonly Pick<ProcessIdentity, 'pid' | 'words'>[]): string => {
  const first = processes.slice(0, named).map(({ pid, words }) => `${pid} ${clip(words, namedWidth)}`)
  const more = processes.length - first.length
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
