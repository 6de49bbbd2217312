import { dropInPath, withDropIn } from '../../plan/journal-limits.ts'
import { lineDiff } from '../../report/line-diff.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { notWritten, ownDropIn } from './drop-in.ts'
import { journalPicture } from './picture.ts'
import { readJournaldConf } from './read-conf.ts'
import { changedResult } from './results.ts'
import { changeOf, rollBack, takeUp } from './take-up.ts'

/** Takes our drop-in away, so that what the other files say holds again. */
export const removeLimits = async (context: RunContext): Promise<CommandResult> => {
  const { host, global } = context
  const before = ownDropIn(host)
  const picture = async (isAssumed: boolean) => {
    const files = readJournaldConf(host)
    if (files.kind !== 'value') throw notWritten(`${files.what} could not be read`)
    return journalPicture(host, isAssumed ? withDropIn(files.value, null) : files.value, {}, false)
  }
  if (before === null) return changedResult(await picture(false), [], [])
  context.holdTimeout()
  const reason = 'asked for by journal-limits remove'
  const removed = await host.apply({ kind: 'remove-file', path: dropInPath, reason })
  if (removed.outcome === 'failed') throw notWritten(removed.detail)
  const taken = await takeUp(host, reason)
  const changes = [changeOf('removal', removed), changeOf('take-up', taken)]
  if (taken.outcome === 'failed') changes.push(await rollBack(host, before))
  return changedResult(await picture(global.dryRun), changes, lineDiff(before, null))
}
