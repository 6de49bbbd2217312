import { exitCode, HealthError } from '../../core/errors.ts'
import { escapeControl } from '../../core/escape.ts'
import type { Fleet } from '../../core/fleet.ts'
import { formatBytes } from '../../core/units.ts'
import { fleetOf } from '../../plan/fleet.ts'
import { fleetDocument } from '../../report/fleet-document.ts'
import { fleetHtml } from '../../report/fleet-html.ts'
import { fleetText } from '../../report/fleet-text.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { saveOutput } from '../save-output.ts'
import { gatherFiles } from './gather-files.ts'

/** Where the rhythm is gathered by is not known: check each 5 minutes and gather each 10, twice over. */
const usualMaxAgeSeconds = 1800

/** Hosts by the files that were gathered of them, as a table and, with -o, as a page. */
export const fleetStatus = (context: RunContext): CommandResult => {
  const { host, global, options, args, version } = context
  const output = outputOf(context)
  if (args.length > 0)
    throw new HealthError(
      exitCode.usage,
      'names of services are for this host, --from is for others',
      'give the folders behind --from, and no names',
    )
  const { files, troubles, isDenied } = gatherFiles(host, options.from as string[])
  if (files.length === 0 && isDenied)
    throw new HealthError(exitCode.noPermission, troubles.join('; '), 'run it as a user that may read it')
  const maxAgeSeconds = (options.maxAge as number | undefined) ?? usualMaxAgeSeconds
  const fleet = fleetOf(files, troubles, { nowMs: host.now(), maxAgeMs: maxAgeSeconds * 1000 })
  const page = output === null ? null : fleetHtml(fleet, version)
  const isSaved = page !== null && output !== null && output !== '-' && !global.dryRun
  if (isSaved) saveOutput(host, output, page, 'the page')
  return {
    status: fleet.status,
    document: fleetDocument(fleet, isSaved ? output : null),
    text: (view) =>
      page !== null && output === '-' ? page : fleetText(fleet, view) + pageLine(page, output, isSaved),
    isFile: output === '-',
    textWhen: 'always',
    problems: problemsOf(fleet),
  }
}

const pageLine = (page: string | null, output: string | null, isSaved: boolean): string => {
  if (page === null || output === null) return ''
  const bytes = formatBytes(new TextEncoder().encode(page).length)
  return `\n${isSaved ? '' : 'DRY would write '}${escapeControl(output)}, ${bytes}\n`
}

const outputOf = ({ options, global }: RunContext): string | null => {
  const { output } = options
  if (output === undefined) return null
  if (output === '-' && global.json)
    throw new HealthError(
      exitCode.usage,
      'standard output takes the page or the JSON document, not both',
      'give -o FILE.html, or take off --json',
    )
  return String(output)
}

const problemsOf = ({ status, hosts }: Fleet): string[] =>
  status === 'ok' ? [] : [`${hosts.filter((host) => host.status !== 'ok').length} hosts are not well`]
