import { readFileSync } from 'node:fs'
import type { ProcessKey } from '../core/action.ts'
import { type Reading, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { attempt } from './errno.ts'
import type { FreezableCgroup } from './freezer.ts'
import { replaceFile, unlinkIfThere } from './replace-file.ts'
import { statOf } from './signal.ts'

/** What stands in the file while cgroups are frozen. */
export interface FrozenNote {
  by: ProcessKey
  cgroups: readonly FreezableCgroup[]
}

/** On the disk when it returns true. When it does not, nothing may be frozen. */
export const noteFrozen = (base: HostBase, path: string, cgroups: readonly FreezableCgroup[]): boolean => {
  const own = statOf(base, base.pid)
  const startTicks = own.kind === 'value' ? own.value.startTicks : 0
  const note: FrozenNote = { by: { pid: base.pid, startTicks }, cgroups }
  return replaceFile(path, `${JSON.stringify(note)}\n`, 0o640, base).kind === 'value'
}

/** Failed where it stays, as in a folder that has become read-only. */
export const forgetFrozen = (path: string): Reading<boolean> =>
  attempt(path, () => value(unlinkIfThere(path)))

/** Null: none, or one that makes no sense. */
export const readFrozen = (path: string): FrozenNote | null => {
  try {
    const { by, cgroups } = JSON.parse(readFileSync(path, 'utf8')) as Partial<FrozenNote>
    if (!Array.isArray(cgroups) || typeof by?.pid !== 'number') return null
    return { by, cgroups: cgroups.filter(isCgroup) }
  } catch {
    return null
  }
}

const isCgroup = (one: Partial<FreezableCgroup> | null): one is FreezableCgroup =>
  typeof one?.folder === 'string' && (one.version === 1 || one.version === 2) && typeof one.inode === 'number'
