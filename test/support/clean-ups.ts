import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp } from '../../src/commands/cleanup/clean-up.ts'
import type { ReadyRule } from '../../src/commands/cleanup/rules.ts'
import { absent, type Reading, value } from '../../src/core/reading.ts'
import type { OpenInodes } from '../../src/core/tree.ts'
import type { Host } from '../../src/host/host.ts'
import { makeOpenLook } from '../../src/host/open-look.ts'
import { makeTree } from '../../src/host/tree.ts'
import { contextOf, tempHost } from '../commands/temp-host.ts'
import { liveBase } from './bases.ts'

/** For all names below its folder. */
export const rule = (root: string, more: Partial<ReadyRule> = {}): ReadyRule => ({
  ...{
    path: root,
    root,
    silence: null,
    isAdHoc: false,
    isElsewhere: false,
    wanted: { path: root, older_than: 1 },
  },
  ...{ match: [], exclude: [], olderThanMs: 1, ageBy: 'newest', minBytes: null, uids: null },
  ...{
    recurse: true,
    emptyDirs: false,
    keepOpen: true,
    oneFileSystem: true,
    keepNewest: 0,
    maxTotalBytes: null,
  },
  ...{
    mountPoints: new Set(),
    mountIds: new Set(),
    reachedBy: null,
    judgedAtMs: 0,
    globs: { match: [], exclude: [] },
  },
  ...more,
})

export const free = (): Reading<OpenInodes> => value({ inodes: new Set(), mapped: new Set() })

/** Nothing of the runs before, and the log goes nowhere. */
export const noSave = {
  ...{ readText: absent, info: absent, ensureFolder: () => value(true) },
  ...{ append: () => value(true), replace: () => value(true), remove: () => value(true) },
} as unknown as Host['save']

/** Real files in temp folders below `top`, all of them stale by the clock of the host; what is open is what the test says. */
export const cleanUpsBelow = (top: string) => {
  const filled = (...names: string[]): string => {
    const tmp = mkdtempSync(join(top, 'tmp-'))
    for (const name of names) {
      mkdirSync(join(tmp, name, '..'), { recursive: true })
      writeFileSync(join(tmp, name), 'x')
    }
    return tmp
  }

  const tomorrow = Date.now() + 86_400_000
  const hostHere = (): Host => tempHost(mkdtempSync(join(top, 'host-')), { files: {}, nowMs: tomorrow })

  /** @param looks at what is open, one after the other; the last one again and again */
  const clean = (wanted: ReadyRule, looks: (() => Reading<OpenInodes>)[], over: Partial<Host> = {}) => {
    let look = 0
    // Each question is so long after the one before that it is looked at anew.
    let elapsedMs = 0
    const openFiles = () =>
      makeOpenLook(
        () => (looks[look++] ?? looks.at(-1) ?? free)(),
        () => (elapsedMs += 10_000),
      )
    const host = {
      ...hostHere(),
      tree: async () => ({ ...makeTree(liveBase), openFiles }),
      save: noSave,
      ...over,
    }
    return cleanUp(contextOf(host), [wanted])
  }

  return { filled, hostHere, clean }
}
