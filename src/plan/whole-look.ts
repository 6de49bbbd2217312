/** What one look at the processes of a rule came to. */
export interface LookOutcome {
  orphans: number
  /** At one instant all that were there had been read. */
  isWhole: boolean
  /** They stood still meanwhile. */
  isFrozen: boolean
}

export type NextLook = 'enough' | 'again' | 'frozen' | 'blind'

/** Looks after which it is said that nobody can tell. */
export const mostLooks = 5
/** A process that begins at that very moment makes one look incomplete; nobody has to stand still for that. */
const plainLooks = 2

/**
 * Whether a rule may be said to have no orphans. Who starts his successor and ends within some milliseconds is listed and gone
 * before he is read: that none was found says nothing then.
 */
export const nextLook = (looks: readonly LookOutcome[], mayFreeze: boolean): NextLook => {
  const last = looks.at(-1)
  if (last !== undefined && (last.orphans > 0 || last.isWhole)) return 'enough'
  if (mayFreeze && looks.length >= plainLooks && !looks.some(({ isFrozen }) => isFrozen)) return 'frozen'
  return looks.length < mostLooks ? 'again' : 'blind'
}
