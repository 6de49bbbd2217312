import { readlinkSync } from 'node:fs'

/** As in the kernel (path_resolution(7)). */
const maxLinks = 40

export type Resolved =
  | { kind: 'path'; path: string }
  | { kind: 'loop' }
  /** `mayPass` said no there; it was not touched. `rest` is what was still to come, as it is written. */
  | { kind: 'stopped'; path: string; rest: string[] }

/**
 * The path without symlinks, `.` and `..`, found as after chroot(2): absolute targets start at `root` again and `..`
 * ends there. What does not exist is taken as it is written. Races with whoever changes links below `root` meanwhile:
 * Node has no openat2(RESOLVE_IN_ROOT).
 *
 * @param root the real path of the root without a slash at its end; empty for the live one
 * @param path absolute, as that root sees it; so is the result
 * @param mayPass asked before a step is touched at all
 */
export const resolveBelow = (
  root: string,
  path: string,
  mayPass: (path: string) => boolean = () => true,
): Resolved => {
  const pending = path.split('/').reverse()
  let done: string[] = []
  let links = 0
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      done.pop()
      continue
    }
    const next = `/${[...done, part].join('/')}`
    if (!mayPass(next)) return { kind: 'stopped', path: next, rest: pending.reverse() }
    const target = linkTarget(root + next)
    if (target === null) {
      done.push(part)
      continue
    }
    links++
    if (links > maxLinks) return { kind: 'loop' }
    if (target.startsWith('/')) done = []
    pending.push(...target.split('/').reverse())
  }
  return { kind: 'path', path: `/${done.join('/')}` }
}

/** Null for what is no link, is not there or may not be seen: what is done with the path next will say so. */
const linkTarget = (realPath: string): string | null => {
  try {
    return readlinkSync(realPath)
  } catch {
    return null
  }
}
