import { exitCode, HealthError } from '../../core/errors.ts'
import type { Mount } from '../../core/facts.ts'
import { mayHang, mountLookup } from '../../core/mounts.ts'
import type { Host } from '../../host/host.ts'

const timeoutMs = 3000

/** @throws HealthError 3 */
export const mountsNow = (host: Host): Mount[] => {
  const mounts = host.files.mounts()
  if (mounts.kind === 'value') return mounts.value
  throw new HealthError(exitCode.unknown, 'the mounts of this host cannot be read')
}

/**
 * Whether a server or a user's process answers for the path, by its name alone: a look at it might never end. `path` is one of
 * `resolveLocal`.
 */
export const isRemote = (host: Host, path: string): boolean => {
  const mounts = host.files.mounts()
  const mount = mounts.kind === 'value' ? mountLookup(mounts.value)(path) : null
  return mount !== null && mayHang(mount.type)
}

/** Asked by stat(1), a process that can be left behind when nobody answers. Null: it answers. */
export const silenceOf = async (host: Host, path: string): Promise<string | null> => {
  const asked = await host.run(['stat', '--', path], { timeoutMs })
  return asked.kind === 'failed' && asked.cause === 'timeout'
    ? `its file system does not answer within ${timeoutMs / 1000}s`
    : null
}
