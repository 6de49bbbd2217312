// Takes the lock of each round at the moment it is told, and says whether it got it; holds what it got.
import { takeLock } from '../../../src/host/lock.ts'

const writer = { uid: process.getuid?.() ?? 0, pid: process.pid }

process.on('message', ({ path, atMs }: { path: string; atMs: number }) => {
  // Spinning, so that all start within microseconds of each other, as far as there are processors.
  while (Date.now() < atMs);
  process.send?.(takeLock(path, writer))
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
