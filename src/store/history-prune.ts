import type { HostSave } from '../host/host.ts'
import { historyFolder } from './history-file.ts'

const keptMs = 90 * 86_400_000
const mostFiles = 500

/**
 * Removes histories that nothing was added to for 90 days (a service that was renamed or is gone), and the oldest of
 * more than 500: containers with names by chance must not fill the disk. What they were made of goes with them.
 */
export const pruneHistory = (save: HostSave, stateDir: string, nowMs: number): void => {
  const names = save.list(historyFolder(stateDir))
  if (names.kind !== 'value') return
  const files = names.value
    .filter((name) => name.endsWith('.hist'))
    .flatMap((name) => {
      const path = `${historyFolder(stateDir)}/${name}`
      const info = save.info(path)
      return info.kind === 'value' && info.value.kind === 'file'
        ? [{ path, modifiedAtMs: info.value.modifiedAtMs }]
        : []
    })
    .sort((a, b) => b.modifiedAtMs - a.modifiedAtMs)
  files.forEach(({ path, modifiedAtMs }, place) => {
    if (place < mostFiles && nowMs - modifiedAtMs <= keptMs) return
    save.remove(path)
    save.remove(path.replace(/\.hist$/, '.parts'))
  })
}
