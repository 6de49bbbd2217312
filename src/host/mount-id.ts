import { readFileSync } from 'node:fs'
import type { ReachedBy } from '../core/tree.ts'

/** By which mount a file was opened, as mountinfo numbers them: proc_pid_fdinfo(5), Linux 3.15. Null: it cannot be told. */
export const mountIdOf = (fd: number): number | null => {
  try {
    const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
    return id === undefined ? null : Number(id)
  } catch {
    return null
  }
}

/** @param judged null: nobody asked for it then */
export const isReachedBy = (judged: ReachedBy | null, { mountId, device }: ReachedBy): boolean =>
  judged === null || (judged.mountId === mountId && judged.device === device)

/**
 * Whether a folder was reached by the root's own mount or by one that may be entered. A bind mount of the same file system has the
 * same device, and its path is known only when it was there at the start, and no folder above it was renamed since.
 */
export type MountJudge = (idOf: () => number | null) => boolean

export const mountJudge = (root: number | null, more: Iterable<number>): MountJudge => {
  if (root === null) return () => true
  const known = new Set([root, ...more])
  return (idOf) => {
    const id = idOf()
    return id !== null && known.has(id)
  }
}
