import { exitCode, HealthError } from '../core/errors.ts'
import { escapeControl } from '../core/escape.ts'
import { isoStamp } from '../core/stamp.ts'
import { formatBytes } from '../core/units.ts'
import type { ReportedService } from '../report/page/report-facts.ts'
import { type PageParts, reportPage } from '../report/page/report-page.ts'
import { headline } from '../report/page/words.ts'
import { lineCells } from '../report/view.ts'
import { wrapText } from '../report/width.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { gatherReport } from './report/gather.ts'
import { saveOutput } from './save-output.ts'

/** One HTML file with a chart of each service, by what was recorded. Reads records, and writes the page only. */
export const command: Command = {
  options: [
    { flags: '--since <duration>', help: 'how far back, default 7d', reads: 'duration' },
    { flags: '-o, --output <file>', help: 'where to write the page; - for standard output' },
  ],
  config: 'load',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: 180,
  showsElapsed: true,
  run: (context) => report(context),
}

const defaultSeconds = 7 * 86_400
/** The coarsest tier of the history reaches back a year. */
const mostSeconds = 365 * 86_400

const report = async (context: RunContext): Promise<CommandResult> => {
  const { host, global } = context
  if (!host.live)
    throw new HealthError(exitCode.usage, 'a captured host (--root) has no records', 'take off --root')
  const output = outputOf(context)
  const facts = await gatherReport(context, sinceOf(context))
  const page = reportPage(facts, await partsOf(context))
  const bytes = new TextEncoder().encode(page).length
  if (output !== '-' && !global.dryRun) saveOutput(host, output, page, 'the page')
  const isEmpty = facts.services.length === 0
  const words = isEmpty ? 'no memory was recorded in this time' : headline(facts)
  const done = global.dryRun ? 'DRY would write ' : ''
  return {
    status: isEmpty ? 'unknown' : facts.unread > 0 ? 'warning' : 'ok',
    document: {
      schema: 'report@1',
      body: {
        path: output === '-' || global.dryRun ? null : output,
        bytes,
        from: isoStamp(facts.fromMs),
        to: isoStamp(facts.nowMs),
        services: facts.services.map(serviceBody),
        notes: facts.notes,
      },
    },
    text({ columns }) {
      if (output === '-') return page
      const lines = [words, ...facts.notes.map((note) => `note: ${note}`)]
      const wrapped = lines.flatMap((line) => wrapText(escapeControl(line), lineCells(columns)))
      // The path stays in one piece, for whoever copies it.
      return `${[...wrapped, `${done}${escapeControl(output)}, ${formatBytes(bytes)}`].join('\n')}\n`
    },
    isFile: output === '-',
    textWhen: 'always',
    problems: [],
  }
}

/** @throws HealthError 64 when it is not told where to */
const outputOf = ({ options, global }: RunContext): string => {
  const { output } = options
  if (typeof output !== 'string' || output === '')
    throw new HealthError(
      exitCode.usage,
      'report needs a place for the page',
      'oratio-health report -o FILE.html',
    )
  if (output === '-' && global.json)
    throw new HealthError(
      exitCode.usage,
      'standard output takes the page or the JSON document, not both',
      'give -o FILE.html, or take off --json',
    )
  return output
}

const sinceOf = ({ options }: RunContext): number => {
  const seconds = typeof options.since === 'number' ? options.since : defaultSeconds
  if (seconds < 60 || seconds > mostSeconds)
    throw new HealthError(
      exitCode.usage,
      '--since: from 1m to 365d, as long as history is kept',
      'e.g. --since 7d',
    )
  return seconds
}

const partsOf = async ({ host }: RunContext): Promise<PageParts> => {
  const text = await host.ownPart('report-page.json')
  if (text.kind === 'value') return JSON.parse(text.value) as PageParts
  throw new HealthError(
    exitCode.critical,
    `a part of this program is missing: ${text.kind === 'failed' ? `${text.what}: ${text.detail}` : text.what}`,
    'install it again',
  )
}

const serviceBody = (service: ReportedService): Record<string, unknown> => {
  const { name, isHost, verdict, records, memoryBytes, ceiling, restarts, alerts } = service
  const last = records.at(-1)
  const left = verdict.secondsToLimit
  return {
    service: isHost ? null : name,
    verdict: verdict.verdict,
    slopeBytesPerMinute: verdict.slopeBytesPerMinute,
    secondsToLimit: left === null ? null : Math.round(left.best),
    limitBytes: last?.limitBytes ?? null,
    ceilingBytes: ceiling?.limitBytes ?? null,
    memoryBytes: Math.round(memoryBytes),
    lastSeenAt: last === undefined ? null : isoStamp(last.lastAtMs),
    values: records.length,
    restarts: restarts.length,
    alerts: alerts.length,
  }
}
