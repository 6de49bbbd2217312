import type { CrashEventKind } from '../core/crash-event.ts'
import { type CrashStory, leavesDoubt } from '../core/crash-story.ts'
import { exitCode, HealthError } from '../core/errors.ts'
import { escapeControl } from '../core/escape.ts'
import type { Status } from '../core/finding.ts'
import { crashBody } from '../report/crash-document.ts'
import { type CrashReport, crashText, summaryLines } from '../report/crash-text.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { tellStory } from './crash/tell-story.ts'
import { writeReport } from './crash/write-report.ts'

const formats = ['text', 'md', 'json', 'html'] as const
type Format = (typeof formats)[number]

/** What happened on this host, or by the logs given, who is to blame, and what to do next. Changes nothing. */
export const command: Command = {
  options: [
    { flags: '--since <duration>', help: 'how far back, default 24h', reads: 'duration' },
    { flags: '--from <file...>', help: 'these logs alone, of any form, gzip too' },
    { flags: '--format <format>', help: 'text, md, json or html', choices: formats },
    { flags: '-o, --output <file>', help: 'where to write it; - for the screen' },
  ],
  config: 'load',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: 180,
  showsElapsed: true,
  run: (context) => crashReport(context),
}

const crashReport = async (context: RunContext): Promise<CommandResult> => {
  const format = formatOf(context)
  const report = await tellStory(context)
  const status = statusOf(report.story)
  const content = await contentOf(report, format, status)
  const written = writeReport(context, content, format)
  const file = written.path
  const head = `${summaryLines(report.story).join('\n')}\n`
  const place = file === null ? '' : `${escapeControl(file)}\n`
  return {
    status,
    document: { schema: 'crash-report@1', body: crashBody(report, file) },
    text: () => (written.isShown ? content : `${head}${written.why === null ? place : `${written.why}\n`}`),
    isFile: written.isShown && !(format === 'text' && context.host.out.stdoutIsTerminal),
    textWhen: 'always',
    problems: [],
  }
}

const formatOf = ({ options }: RunContext): Format => {
  const given = options.format ?? 'text'
  const format = formats.find((one) => one === given)
  if (format !== undefined) return format
  throw new HealthError(
    exitCode.usage,
    `there is no format ${String(given)}`,
    `--format ${formats.join(' | ')}`,
  )
}

const contentOf = async (report: CrashReport, format: Format, status: Status): Promise<string> => {
  switch (format) {
    case 'text':
      return crashText(report)
    case 'md':
      return (await import('../report/crash-markdown.ts')).crashMarkdown(report)
    case 'html':
      return (await import('../report/crash-html.ts')).crashHtml(report)
    case 'json': {
      const { documentHead, documentText } = await import('../report/document-head.ts')
      const { untilMs } = report.story
      const head = documentHead({
        ...{ schema: 'crash-report@1', version: report.version, hostname: report.hostname, status },
        ...{ startedAtMs: untilMs, finishedAtMs: untilMs, exitCode: exitCode[status] },
      })
      return documentText({ ...head, ...crashBody(report, null) })
    }
  }
}

const evidence: readonly CrashEventKind[] = [
  ...(['oom-kill', 'segfault', 'trap', 'kernel-oops', 'kernel-panic', 'heap-exhausted'] as const),
  ...(['container-exit', 'unit-failed', 'unclean-shutdown', 'soft-lockup'] as const),
]

/**
 * Crash evidence is critical, warning signs a warning. That there was nothing is not known where the kernel's log or the
 * journal could not be read, or any log in part only: what was not read may hold what was not found.
 */
const statusOf = ({ events, suspects, warnings, sources }: CrashStory): Status => {
  if (events.some(({ kind }) => evidence.includes(kind))) return 'critical'
  if (events.some(({ kind }) => kind !== 'boot') || suspects.length > 0 || warnings.length > 0)
    return 'warning'
  return sources.some(leavesDoubt) || sources.every(({ missing }) => missing !== null) ? 'unknown' : 'ok'
}
