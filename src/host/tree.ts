import type { HostBase } from './base.ts'
import type { HostTree } from './host.ts'
import { readOpenInodes } from './open-inodes.ts'
import { walkTree } from './walk-tree.ts'

export const makeTree = (base: HostBase): HostTree => ({
  walk: walkTree,
  openInodes: () => readOpenInodes(base),
})
