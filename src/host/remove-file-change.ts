import { dirname } from 'node:path'
import type { ActionResult, RemoveFileAction } from '../core/action.ts'
import { escapeControl } from '../core/escape.ts'
import { type Failed, value } from '../core/reading.ts'
import type { Change } from './apply.ts'
import { attempt } from './errno.ts'
import { infoOf } from './files.ts'
import { syncFolder, unlinkIfThere } from './replace-file.ts'

/** Removes one file, and never what is of another kind: somebody else has put that there. */
export const removeFileChange = ({ path, isLink }: RemoveFileAction): Change => ({
  words: `remove ${path}`,
  obstacle: () => {
    const there = infoOf(path, path)
    if (there.kind === 'absent') return gone
    if (there.kind === 'failed') return failure(there)
    return there.value.kind === (isLink ? 'symlink' : 'file')
      ? null
      : { outcome: 'failed', detail: `${escapeControl(path)} is no ${isLink ? 'symlink' : 'regular file'}` }
  },
  perform: async () => {
    const removed = attempt(path, () => {
      const was = unlinkIfThere(path)
      syncFolder(dirname(path))
      return value(was)
    })
    if (removed.kind === 'failed') return failure(removed)
    return removed.kind === 'value' && removed.value ? { outcome: 'done', detail: '' } : gone
  },
})

const gone: ActionResult = { outcome: 'skipped', detail: 'it is not there' }

const failure = ({ what, detail }: Failed): ActionResult => ({
  outcome: 'failed',
  detail: `${escapeControl(what)}: ${detail}`,
})
