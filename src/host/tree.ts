import type { HostBase } from './base.ts'
import type { HostTree } from './host.ts'
import { monotonicMs } from './monotonic.ts'
import { readOpenInodes } from './open-inodes.ts'
import { makeOpenLook } from './open-look.ts'
import { walkTree } from './walk-tree.ts'

export const makeTree = (base: HostBase): HostTree => ({
  walk: walkTree,
  openFiles: () => makeOpenLook(() => readOpenInodes(base), monotonicMs),
})
