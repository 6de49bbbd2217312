import type { Mark } from '../../core/acceptance.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { isoStamp, localStamp } from '../../core/stamp.ts'
import { addMark, marksPath } from '../../store/marks.ts'
import type { CommandResult, RunContext } from '../command.ts'

/**
 * `--mark`: notes this moment, for `--since mark`.
 *
 * @throws HealthError 64 with what judges; 77 or 2 where it could not be written
 */
export const noteMark = ({ host, options, global, args }: RunContext): CommandResult => {
  if (options.for !== undefined || options.since !== undefined || args.length > 0)
    throw new HealthError(
      exitCode.usage,
      '--mark notes this moment, and judges nothing',
      'mark now, and later: oratio-health verify SERVICE --since mark',
    )
  const mark: Mark = { atMs: host.now(), text: typeof options.mark === 'string' ? options.mark : '' }
  const words = `${localStamp(mark.atMs)}${mark.text === '' ? '' : `, ${clip(mark.text, 200)}`}`
  if (!global.dryRun) {
    const noted = addMark(host.save, global.stateDir, mark)
    if (noted.kind !== 'value')
      throw new HealthError(
        noted.kind === 'failed' && noted.cause === 'denied' ? exitCode.noPermission : exitCode.critical,
        `the mark could not be written to ${marksPath(global.stateDir)}: ${noted.kind === 'failed' ? noted.detail : 'it is not there'}`,
        'run it as the user that runs check, or give --state-dir',
      )
  }
  return {
    status: 'ok',
    document: { schema: 'verify@1', body: { criteria: [], mark: markBody(mark) } },
    text: () =>
      global.dryRun
        ? `DRY would mark ${words}\n`
        : `marked ${words}; verify --since mark judges from here on\n`,
    textWhen: 'always',
    problems: [],
  }
}

export const markBody = ({ atMs, text }: Mark): Record<string, unknown> => ({ at: isoStamp(atMs), text })
