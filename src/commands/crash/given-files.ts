import { exitCode, HealthError } from '../../core/errors.ts'
import { escapeControl } from '../../core/escape.ts'
import { type Gathering, lackOf, outcome, readerFor } from './source.ts'

/** All files of one run; a log of 2 GB takes some 10 s. */
const maxMs = 120_000
const emptyMend = 'name a log that has something in it, such as FILE.1'

/** Reads the logs that were named, of whatever form; one that cannot be read is told, and the others are read. */
export const readGivenFiles = async (gathering: Gathering, paths: readonly string[]): Promise<void> => {
  let isAnyRead = false
  for (const path of paths) {
    const info = gathering.host.files.info(path)
    const endMs = info.kind === 'value' ? info.value.modifiedAtMs : gathering.nowMs
    const reader = readerFor(gathering, path, { endMs, bootAtMs: null })
    const read = await gathering.host.logs.file(path, reader.take, {
      maxMs: maxMs / paths.length,
      filter: reader.filter,
    })
    reader.end()
    isAnyRead ||= read.kind === 'value'
    if (read.kind === 'value' && read.value.lines === 0)
      // The log that logrotate has just begun says nothing of what was before.
      outcome(gathering, path, 0, true, { missing: 'it is empty', mend: emptyMend, isNeeded: true })
    else if (read.kind === 'value') outcome(gathering, path, read.value.lines, read.value.complete)
    else {
      const lack = lackOf(read) ?? { missing: `${escapeControl(path)} is not there`, mend: 'name a log file' }
      outcome(gathering, path, 0, true, { ...lack, isNeeded: true })
    }
  }
  if (!isAnyRead)
    throw new HealthError(
      exitCode.critical,
      `none of the logs could be read: ${gathering.outcomes.map(({ missing }) => missing).join('; ')}`,
      gathering.outcomes[0]?.mend ?? null,
    )
}
