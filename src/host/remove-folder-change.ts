import { rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ActionResult, RemoveFolderAction } from '../core/action.ts'
import { escapeControl } from '../core/escape.ts'
import { type Failed, value } from '../core/reading.ts'
import type { Change } from './apply.ts'
import { attempt } from './errno.ts'
import { infoOf, listFolder } from './files.ts'
import { syncFolder } from './replace-file.ts'

/** A folder that is a link, or has something in it that it was not asked to take along, stays. */
export const removeFolderChange = ({ path, withContent, around = [] }: RemoveFolderAction): Change => ({
  words: withContent ? `remove ${path} and all in it` : `remove the empty folder ${path}`,
  obstacle: () => {
    const there = infoOf(path, path)
    if (there.kind === 'absent') return { outcome: 'skipped', detail: 'it is not there' }
    if (there.kind === 'failed') return failure(there)
    if (there.value.kind !== 'folder')
      return { outcome: 'failed', detail: `${escapeControl(path)} is no folder` }
    const names = listFolder(path, path)
    return !withContent && names.kind === 'value' && names.value.length > 0 ? notEmpty : null
  },
  perform: async () => {
    const removed = attempt(path, () => {
      if (withContent) rmSync(path, { recursive: true })
      else rmdirSync(path)
      syncFolder(dirname(path))
      return value(true)
    })
    if (removed.kind === 'failed') return failure(removed)
    for (const folder of around) attempt(folder, () => value(rmdirSync(folder)))
    return { outcome: 'done', detail: '' }
  },
})

const notEmpty: ActionResult = { outcome: 'skipped', detail: 'it is not empty' }

const failure = ({ what, detail }: Failed): ActionResult => ({
  outcome: 'failed',
  detail: `${escapeControl(what)}: ${detail}`,
})
