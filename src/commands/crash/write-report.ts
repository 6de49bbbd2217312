import { escapeControl } from '../../core/escape.ts'
import { fileStamp } from '../../core/stamp.ts'
import { prune } from '../../store/prune.ts'
import type { RunContext } from '../command.ts'
import { freePath } from '../free-path.ts'
import { saveOutput } from '../save-output.ts'

export interface WrittenReport {
  path: string | null
  /** It goes to the screen as a whole. */
  isShown: boolean
  /** Why it was not written although it should be, one line. */
  why: string | null
}

const endings = { text: 'txt', md: 'md', json: 'json', html: 'html' } as const

/** It holds log lines and names of others, so it is for its owner alone: 0600. */
export const writeReport = (
  { host, global, options }: RunContext,
  content: string,
  format: keyof typeof endings,
): WrittenReport => {
  const given = options.output as string | undefined
  if (given === '-') return { path: null, isShown: true, why: null }
  if (given !== undefined && global.dryRun)
    return { path: null, isShown: false, why: `DRY would write ${escapeControl(given)}` }
  if (given !== undefined) {
    saveOutput(host, given, content, 'the report')
    return { path: given, isShown: false, why: null }
  }
  // Of a captured host, or with --dry-run, nothing is left behind.
  if (!host.live || global.dryRun || Array.isArray(options.from))
    return { path: null, isShown: true, why: null }
  const folder = host.save.ensureFolder(global.logDir)
  const path = freePath(host, `${global.logDir}/investigation_${fileStamp(host.now())}`, endings[format])
  const written = folder.kind === 'value' && path !== null ? host.save.replace(path, content, 0o600) : folder
  if (written.kind === 'value' && path !== null) {
    // Who only ever asks for reports has no check that would do it.
    prune(host.save, global, host.now())
    return { path, isShown: false, why: null }
  }
  // Incident O6: what cannot be kept is shown.
  return { path: null, isShown: true, why: null }
}
