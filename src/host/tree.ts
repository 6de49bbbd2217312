import { closeSync, fstatSync } from 'node:fs'
import type { ReachedBy } from '../core/tree.ts'
import type { HostBase } from './base.ts'
import type { HostTree } from './host.ts'
import { monotonicMs } from './monotonic.ts'
import { mountIdOf } from './mount-id.ts'
import { openFolder } from './open-folder.ts'
import { readOpenInodes } from './open-inodes.ts'
import { makeOpenLook } from './open-look.ts'
import { walkTree } from './walk-tree.ts'

export const makeTree = (base: HostBase): HostTree => ({
  walk: walkTree,
  reachedBy,
  openFiles: (root) => makeOpenLook(() => readOpenInodes(base), monotonicMs, root),
})

const reachedBy = (root: string): ReachedBy | null => {
  let fd: number
  try {
    fd = openFolder(root, [])
  } catch {
    // Whoever walks it will say so.
    return null
  }
  try {
    return { mountId: mountIdOf(fd), device: fstatSync(fd).dev }
  } catch {
    return null
  } finally {
    closeSync(fd)
  }
}
