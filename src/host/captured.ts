import type { Reading } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { readRegularFile } from './read.ts'
import { resolveBelow } from './resolve.ts'

// In a capture these links are what was recorded; where they lead is of no interest.
const recordedLink = /^\/proc\/[^/]+\/(?:task\/[^/]+\/)?(?:exe|cwd|root|(?:fd|ns)\/[^/]+)$/

/**
 * `HostBase.at` for `--root DIR`. A captured host or a mounted disk is a stranger's tree: a link in it such as
 * `etc/x -> /etc/shadow`, or `..`, must not lead this program, which may be root, out of it. So paths are resolved as
 * after chroot(2) and the result has no symlink left, but for /proc/PID/exe and its like, which are for readlink.
 *
 * @param root without a slash at its end
 */
export const atBelow =
  (root: string) =>
  (path: string): string => {
    if (recordedLink.test(path)) {
      const slash = path.lastIndexOf('/')
      return `${resolvedBelow(root, path.slice(0, slash))}${path.slice(slash)}`
    }
    return resolvedBelow(root, path)
  }

// Any path out of an endless chain of links would still have one in it. No file can have a name of 256 bytes.
const nowhere = `/too-many-links-${'-'.repeat(256)}`

const resolvedBelow = (root: string, path: string): string => {
  const resolved = resolveBelow(root, path)
  return root + (resolved.kind === 'path' ? resolved.path : nowhere)
}

/** What a command or socket answered when the host was captured: `cmd/NAME`; `absent` when that was not recorded. */
export const readCaptured = (base: HostBase, name: string, maxBytes = 16 * 1024 * 1024): Reading<string> =>
  readRegularFile(base.at(`/cmd/${name}`), `cmd/${name}`, { maxBytes, followLast: false })
