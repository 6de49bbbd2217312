import { worstStatus } from '../../core/finding.ts'
import { valueOrNull } from '../../core/reading.ts'
import { journalText, troubleWords } from '../../report/journal-text.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { notWritten } from './drop-in.ts'
import { journalBody, journalPicture } from './picture.ts'
import { readJournaldConf } from './read-conf.ts'

/** What bounds journald, where each bound is set, what it keeps, and who fills it. Changes nothing. */
export const statusOfLimits = async (context: RunContext): Promise<CommandResult> => {
  const { host, loaded } = context
  const files = readJournaldConf(host)
  if (files.kind !== 'value') throw notWritten(`${files.what} could not be read`)
  const wanted = Object.fromEntries(
    Object.entries(loaded?.config.journal ?? {}).filter(([, text]) => typeof text === 'string'),
  )
  const picture = await journalPicture(host, files.value, wanted, true)
  const isOver = picture.storage.places.some(
    ({ usage, capBytes }) => capBytes !== null && (valueOrNull(usage) ?? 0) > capBytes,
  )
  const isBlind = picture.traffic?.kind === 'failed' || picture.storage.kind === 'unknown'
  const trouble = troubleWords(picture)
  return {
    status: worstStatus([picture.faults.length > 0 || isOver ? 'warning' : 'ok', isBlind ? 'unknown' : 'ok']),
    document: { schema: 'journal-limits@1', body: journalBody(picture, []) },
    text: (view) => journalText(picture, view),
    textWhen: 'always',
    problems: trouble,
  }
}
