import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmdirSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { isRoot } from './needs.ts'

const mount = (folder: string, options: string): boolean => {
  mkdirSync(folder, { recursive: true })
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'oh-test', folder]).status === 0
}

/** Lazily: a check of another test that asks how full each disk is may be looking at it just now. */
export const unmount = (folder: string): void => void spawnSync('umount', ['-l', folder])

/** mount(8) with these arguments, the place last; undone when the test has ended. */
export const mounted = (...args: string[]): void => {
  execFileSync('mount', args)
  onTestFinished(() => unmount(args.at(-1) ?? ''))
}

/** While `use` runs there is a tmpfs, e.g. with `size=64k`, on the folder; only where `canMount`. */
export const withTinyDisk = (folder: string, options: string, use: () => void): void => {
  if (!mount(folder, options)) throw new Error(`cannot mount ${folder}`)
  try {
    use()
  } finally {
    unmount(folder)
  }
}

/** Containers are often not allowed to mount, nor are ordinary users. */
export const canMount = ((): boolean => {
  if (!isRoot) return false
  const folder = `/tmp/oh-can-mount-${process.pid}`
  const works = mount(folder, 'size=4k')
  if (works) unmount(folder)
  rmdirSync(folder)
  return works
})()
