import { dirname } from 'node:path'
import type { ActionResult, WriteFileAction } from '../core/action.ts'
import { escapeControl } from '../core/escape.ts'
import type { Failed } from '../core/reading.ts'
import type { Change } from './apply.ts'
import { failedBy } from './errno.ts'
import { infoOf, makeFolders } from './files.ts'
import type { Writer } from './own-folder.ts'
import { createFile, replaceFile } from './replace-file.ts'

const usualFolderMode = 0o750

/**
 * Writes a file whole or not at all, its folder too when that is missing. Never through a symlink and never over what
 * is no file: an administrator put that there, so it is theirs to decide.
 */
export const writeFileChange = (action: WriteFileAction, writer: Writer): Change => ({
  words: `write ${action.path} (${Buffer.byteLength(action.content)} bytes)`,
  obstacle: () => obstacleOf(action),
  perform: async () => (await makeMissingFolders(action)) ?? write(action, writer),
})

const isThere: ActionResult = { outcome: 'skipped', detail: 'it is there already' }

const obstacleOf = ({ path, onlyIfMissing }: WriteFileAction): ActionResult | null => {
  const there = infoOf(path, path)
  if (there.kind === 'absent') return null
  if (there.kind === 'failed') return failure(there)
  if (onlyIfMissing) return isThere
  if (there.value.kind === 'file') return null
  const what = there.value.kind === 'symlink' ? 'a symbolic link' : 'not a file'
  return { outcome: 'failed', detail: `${escapeControl(path)} is ${what}` }
}

const makeMissingFolders = async ({ path, folderMode }: WriteFileAction): Promise<ActionResult | null> => {
  try {
    await makeFolders(dirname(path), folderMode ?? usualFolderMode)
    return null
  } catch (error) {
    return failure(failedBy(error, dirname(path)))
  }
}

const write = ({ path, content, mode, onlyIfMissing }: WriteFileAction, writer: Writer): ActionResult => {
  const written = onlyIfMissing
    ? createFile(path, content, mode, writer)
    : replaceFile(path, content, mode, writer)
  if (written.kind === 'absent')
    return { outcome: 'failed', detail: `${escapeControl(written.what)} is missing` }
  if (written.kind === 'failed') return failure(written)
  // Somebody else made it between the look and the link.
  return written.value ? { outcome: 'done', detail: '' } : isThere
}

const failure = ({ what, detail }: Failed): ActionResult => ({
  outcome: 'failed',
  detail: `${escapeControl(what)}: ${detail}`,
})
