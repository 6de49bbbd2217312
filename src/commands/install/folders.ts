import type { Host } from '../../host/host.ts'
import type { InstallChange } from '../../report/install-text.ts'
import type { RunContext } from '../command.ts'
import { absolute } from './surroundings.ts'

/** What install needs, whether it is there or not. @param unitFolder null: no timers */
export const foldersOf = (
  { host, global }: RunContext,
  configPath: string,
  unitFolder: string | null,
): string[] => [
  absolute(host, global.stateDir),
  absolute(host, global.logDir),
  ...[configPath].map((path) => absolute(host, path).replace(/\/[^/]*$/, '')),
  ...(unitFolder === null ? [] : [unitFolder]),
]

/** Of these and all above them what is not there, the outer ones first, each once. */
export const missingFolders = (host: Host, paths: readonly string[]): string[] => {
  const missing = new Set<string>()
  for (const path of paths) {
    const parts = path.split('/').filter((part) => part !== '')
    for (let length = 1; length <= parts.length; length++) {
      const at = `/${parts.slice(0, length).join('/')}`
      if (host.files.info(at).kind === 'absent') missing.add(at)
    }
  }
  return [...missing]
}

/** 0750, as all folders of ours. */
export const makeFolder = (host: Host, path: string, dryRun: boolean): InstallChange => {
  if (dryRun) return { change: 'made-folder', path, outcome: 'dry-run', detail: `would make ${path}` }
  const made = host.save.ensureFolder(path)
  return made.kind === 'value'
    ? { change: 'made-folder', path, outcome: 'done', detail: '' }
    : {
        change: 'made-folder',
        path,
        outcome: 'failed',
        detail: made.kind === 'failed' ? made.detail : 'is missing',
      }
}
