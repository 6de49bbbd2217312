import type { ProcessStat } from '../core/facts.ts'

/** A child of a user's systemd (`systemd --user`), with its service or scope; null: not known. */
export interface ManagedChild {
  stat: ProcessStat
  unit: string | null
}

// What the manager itself is in, and where a process it starts is for a moment.
const ownUnits = /^(?:user@\d+\.service|init\.scope)$/

/** Of a pane of a terminal: its shell is the terminal's child, so what is the manager's was left behind by that. */
const paneScopes = /^(?:vte|tmux|ptyxis)-spawn-.*\.scope$/

/**
 * Which of its children a user's systemd is to have. It starts services, and all in these are its own. It starts nothing
 * in a scope, and of an application (`app-….service`, as desktops start them) only the first process: what else is
 * its child there was handed to it when its parent ended, since it is a subreaper. There the oldest child may be the
 * application itself, started by a launcher that has ended: it counts as tracked unless the leader of its
 * session has ended, as that of a terminal that was closed.
 *
 * @param lives whether the leader of a session is still there
 */
export const trackedByUserManager = (
  children: readonly ManagedChild[],
  lives: (session: number) => boolean,
): number[] => {
  const oldest = new Map<string, ProcessStat>()
  for (const { stat, unit } of children) {
    const before = oldest.get(keyOf(stat, unit))
    if (before === undefined || isOlder(stat, before)) oldest.set(keyOf(stat, unit), stat)
  }
  return children
    .filter(({ stat, unit }) => {
      if (unit === null || ownUnits.test(unit)) return true
      if (unit.endsWith('.service') && !unit.startsWith('app-')) return true
      if (paneScopes.test(unit)) return false
      return oldest.get(keyOf(stat, unit)) === stat && lives(stat.session)
    })
    .map(({ stat }) => stat.pid)
}

/** Each user has a manager, and units of the same name. */
const keyOf = ({ ppid }: ProcessStat, unit: string | null): string => `${ppid} ${unit ?? ''}`

const isOlder = (a: ProcessStat, b: ProcessStat): boolean =>
  a.startTicks < b.startTicks || (a.startTicks === b.startTicks && a.pid < b.pid)
