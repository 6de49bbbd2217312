// Again and again: takes the lock, is alone in a critical section, releases. Prints a line for each turn; says
// `BROKEN` when it was not alone. May be killed at any moment.
import { readFileSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs'
import { releaseLock, takeLock } from '../../../src/host/lock.ts'

const [lock = '', section = ''] = process.argv.slice(2)
const writer = { uid: process.getuid?.() ?? 0, pid: process.pid }

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The section is marked by a symlink, which is there with its text at once. */
const enter = (): boolean => {
  try {
    symlinkSync(String(process.pid), section)
    return true
  } catch {
    // Left behind by one that was killed inside: the lock makes it safe to clear.
    if (isAlive(Number(readlinkSync(section)))) return false
    unlinkSync(section)
    return enter()
  }
}

for (;;) {
  const taken = takeLock(lock, writer)
  if (taken.kind !== 'value') throw new Error(JSON.stringify(taken))
  if (!taken.value.held) continue
  const isAlone = enter()
  const leaveAtMs = performance.now() + 1
  while (performance.now() < leaveAtMs);
  process.stdout.write(isAlone ? 'turn\n' : 'BROKEN\n')
  if (isAlone) unlinkSync(section)
  releaseLock(lock, writer)
}
