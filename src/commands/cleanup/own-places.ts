import { valueOrNull } from '../../core/reading.ts'
import type { CleanupRoot } from '../../plan/cleanup-roots.ts'
import type { RunContext } from '../command.ts'

/** Config, state and log folder of this toolkit, and the symlinks by which it finds them. */
export const ownPlaces = ({
  host,
  global,
  loaded,
}: Pick<RunContext, 'host' | 'global' | 'loaded'>): Pick<CleanupRoot, 'ownFolders' | 'ownLinks'> => {
  const given = [global.stateDir, global.logDir, ...(loaded?.path ? [loaded.path] : [])]
  const resolved = given.map((path) => valueOrNull(host.files.resolve(path)) ?? { path, passed: [] })
  const passed = new Set(resolved.flatMap((one) => one.passed))
  return {
    ownFolders: resolved.map(({ path }) => path),
    ownLinks: [...passed].filter((path) => valueOrNull(host.files.info(path))?.kind === 'symlink'),
  }
}
