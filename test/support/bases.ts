import type { HostBase } from '../../src/host/base.ts'
import { atBelow } from '../../src/host/captured.ts'

export const liveBase: HostBase = {
  root: '/',
  live: true,
  uid: process.getuid?.() ?? 0,
  pid: process.pid,
  env: process.env,
  at: (path) => path,
}

export const capturedBase = (root: string): HostBase => ({
  ...liveBase,
  root,
  live: false,
  at: atBelow(root),
})
