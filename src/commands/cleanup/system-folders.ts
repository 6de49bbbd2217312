import type { Mount } from '../../core/facts.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { type SystemFolders, systemFolders } from '../../plan/cleanup-roots.ts'
import { isRemote } from './remote.ts'

/** Where the folders of the system are on this host. */
export const systemFoldersOf = (host: Host, mounts: readonly Mount[]): SystemFolders => {
  const realOf = (path: string): string => valueOrNull(host.files.resolveLocal(path))?.path ?? path
  return systemFolders(realOf, homeLinksOf(host, realOf('/home'), mounts))
}

/** Homes may lie elsewhere one by one. Nothing is touched that may never answer: a mount point is no symlink anyway. */
const homeLinksOf = (host: Host, home: string, mounts: readonly Mount[]): string[] => {
  if (isRemote(host, home)) return []
  const points = new Set(mounts.map(({ mountPoint }) => mountPoint))
  const isLink = (path: string): boolean =>
    !points.has(path) && valueOrNull(host.files.info(path))?.kind === 'symlink'
  return (valueOrNull(host.files.list(home)) ?? []).filter((name) => isLink(`${home}/${name}`))
}
