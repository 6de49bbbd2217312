import { mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'

/** The program in a folder where it finds the optional package koffi, and the helper that cleanup-tmp starts. */
export const bundleWithCalls = (folder: string): string => {
  bundleHelper(withModules(folder))
  return bundle('../src/cli.ts', folder)
}

/** A new folder from which packages are found. */
export const withModules = (folder: string): string => {
  mkdirSync(folder, { recursive: true })
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
  return folder
}

export const bundleHelper = (folder: string): string => {
  const file = join(folder, 'sweep-helper.cjs')
  renameSync(bundle('../src/sweep-helper.ts', folder), file)
  return file
}
