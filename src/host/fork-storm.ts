import type { EndProcessesAction } from '../core/action.ts'
import type { HostBase } from './base.ts'
import { type FreezableCgroup, killAll, makeFreezer, pidsInFolder } from './freezer.ts'
import { mayStandStill, whileFrozen } from './frozen-moment.ts'
import { living, type Roster } from './roster.ts'
import { statOf } from './signal.ts'

/** What is known of the cgroups of those that are to end, where they may be frozen. */
export interface ForkStorm {
  /** After the first look: the cgroups they are in, and those in which there is nobody else. */
  noteOwn(roster: Roster): void
  /** Who is in these now: whoever appears in them descends from a member, or was put there. */
  ownPids(): Set<number>
  /**
   * Whether somebody is in their cgroups whom the last scan missed and who is of one of these sessions, or was gone before he could be
   * asked. Listing and reading all of /proc takes longer than a process of a storm lives, a list of one cgroup does not.
   */
  isRestless(known: ReadonlySet<number>, sessions: readonly number[]): boolean
  /**
   * Freezes the cgroups of those that live or did at first, has them killed, and thaws. Nothing else in this program comes in between. False: they
   * are in none that may be frozen, or it could not be written down.
   *
   * @param known who was there at the last look: of those nobody but members may be in it, without `withOthers`
   * @param off who must never stand still: this program, what started it, init
   * @param kill takes a fresh look and kills each member that is left
   */
  freezeAndKill(
    roster: Roster,
    { known, off }: { known: ReadonlySet<number>; off: ReadonlySet<number> },
    kill: () => void,
  ): boolean
  /** How long they were held in all, and the folders of those that could not be thawed. */
  held(): { ms: number; stillFrozen: readonly string[] }
}

export const makeForkStorm = (
  base: HostBase,
  { withOthers, cgroups = [], note }: NonNullable<EndProcessesAction['freeze']>,
): ForkStorm => {
  const freezer = makeFreezer(base)
  let first: FreezableCgroup[] = []
  let own: FreezableCgroup[] = []
  let heldMs = 0
  const stillFrozen = new Set<string>()
  const cgroupsOf = (roster: Roster): FreezableCgroup[] => {
    const found = living(roster).flatMap(({ pid }) => freezer.of(pid) ?? [])
    return [...new Map(found.map((one) => [one.folder, one])).values()]
  }
  const hasOnlyMembers = (
    { folder }: FreezableCgroup,
    roster: Roster,
    known: ReadonlySet<number> | null,
  ): boolean => {
    const members = new Set([...roster.members.values()].map(({ pid }) => pid))
    // One that was born since the last look is taken for a member's child; the look when all stand still will tell.
    const pids = pidsInFolder(folder)
    return pids.length > 0 && pids.every((pid) => members.has(pid) || known?.has(pid) === false)
  }

  return {
    noteOwn(roster) {
      // Of the named ones it is known though none of the members may live any more.
      const named = cgroups.flatMap((path) => freezer.at(path) ?? [])
      first = [...new Map([...cgroupsOf(roster), ...named].map((one) => [one.folder, one])).values()]
      own = first.filter((one) => hasOnlyMembers(one, roster, null))
    },
    ownPids: () => new Set(own.flatMap(({ folder }) => pidsInFolder(folder))),
    isRestless: (known, sessions) =>
      first
        .flatMap(({ folder }) => pidsInFolder(folder))
        .some((pid) => {
          if (known.has(pid)) return false
          const stat = statOf(base, pid)
          return stat.kind !== 'value' || sessions.includes(stat.value.session)
        }),
    freezeAndKill(roster, { known, off }, kill) {
      // Where all that were seen have ended, a child of one may be there all the same.
      const cgroups = new Map([...first, ...cgroupsOf(roster)].map((one) => [one.folder, one]))
      const chosen = [...cgroups.values()].filter(
        (one) => (withOthers || hasOnlyMembers(one, roster, known)) && mayStandStill(freezer, one, off),
      )
      const moment = whileFrozen(base, chosen, note, () => {
        kill()
        for (const one of chosen) if (hasOnlyMembers(one, roster, null)) killAll(one)
      })
      heldMs += moment?.heldMs ?? 0
      for (const folder of moment?.stillFrozen ?? []) stillFrozen.add(folder)
      return moment !== null
    },
    held: () => ({ ms: heldMs, stillFrozen: [...stillFrozen] }),
  }
}
