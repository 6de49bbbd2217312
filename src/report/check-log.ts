import { clip } from '../core/escape.ts'
import type { Finding, Status } from '../core/finding.ts'
import type { LogLevel, LogLine } from '../core/log-line.ts'
import type { CheckResult, Consumer, ServiceResult } from '../core/service.ts'
import { byStatus, observedOf } from '../core/transition.ts'
import { formatDuration, formatPercent } from '../core/units.ts'
import { type HostFigure, hostFigures, mostTelling } from './check-host.ts'
import { failureWords } from './failure-words.ts'
import { sentenceOn } from './sentence.ts'
import { extent, summary, totalMemoryBytes } from './summary.ts'
import { fitMiddle } from './width.ts'

const nameWidth = 80
// Bounds of a block that is written every 30 seconds (incident V1): 200 of these a day are 3 MB.
const mostServices = 100
const mostConsumers = 5
const mostItems = 20
const mostProblems = 100

/**
 * One run as a block for `health_YYYYMMDD.log`: the verdict, the host's figures, the memory of each configured
 * service (without any: of those that were found) and of the biggest processes in MiB and share of RAM, then every problem by its level.
 */
export const checkLog = (result: CheckResult): LogLine[] => {
  const ram = totalMemoryBytes(result.findings)
  const observed = observedOf(result)
  const configured = result.services.filter(({ facts }) => facts.configured)
  const services = configured.length > 0 ? configured : result.services
  const problems = observed
    .filter(({ finding }) => finding.status !== 'ok')
    .sort((a, b) => byStatus(a.finding.status, b.finding.status))
  return [
    info(`check: ${result.status}, ${summary(observed)}, ${extent(result)}`),
    ...hostLines(result.findings).map(info),
    ...bounded(services, mostServices, (service) => info(serviceText(service, ram)), 'services'),
    ...result.biggestProcesses.slice(0, mostConsumers).map((one) => info(consumerText(one, ram))),
    ...bounded(problems, mostProblems, ({ service, finding }) => problem(service, finding), 'problems'),
    ...result.services.flatMap(actionLine),
  ]
}

const info = (text: string): LogLine => ({ level: 'INFO', text })

const levels: Record<Status, LogLevel> = { ok: 'INFO', warning: 'WARN', critical: 'CRIT', unknown: 'ERROR' }

const problem = (service: string | null, finding: Finding): LogLine => {
  const { subject, fact, mend } = sentenceOn({ service, finding })
  return { level: levels[finding.status], text: `${subject}: ${fact}${mend === null ? '' : ` — ${mend}`}` }
}

const bounded = <T>(
  things: readonly T[],
  most: number,
  line: (thing: T) => LogLine,
  name: string,
): LogLine[] => {
  const lines = things.slice(0, most).map(line)
  return things.length > most ? [...lines, info(`… and ${things.length - most} more ${name}`)] : lines
}

/** `memory 91% of 7.6 GiB; swap none; CPU 74%`, then one line for each check of several things (disks, folders). */
const hostLines = (findings: readonly Finding[]): string[] => {
  const figures = mostTelling(hostFigures(findings, false), mostItems)
  const single = figures.filter(({ finding }) => finding.item === undefined)
  const checks = new Set(
    figures.flatMap(({ finding }) => (finding.item === undefined ? [] : [finding.check])),
  )
  const lines = [...checks].map((check) =>
    figures.filter(({ finding }) => isItemOf(finding, check)).map(figureText),
  )
  return [single.map(figureText), ...lines]
    .filter((texts) => texts.length > 0)
    .map((texts) => texts.slice(0, mostItems).join('; '))
}

const isItemOf = (finding: Finding, check: string): boolean =>
  finding.check === check && finding.item !== undefined

const figureText = ({ label, text }: HostFigure): string => `${label} ${text}`

/** `capture_monitor.py: 5935.2 MiB, 76% of RAM, 1 process, up 10h 6m`. */
const serviceText = ({ facts }: ServiceResult, ram: number | null): string => {
  const { memory, processes, uptimeSeconds } = facts
  const parts = [
    ...(facts.state === 'running' ? [] : [facts.state]),
    ...(memory.kind === 'value' ? [memoryText(memory.value.usedBytes, ram)] : []),
    ...(memory.kind === 'failed'
      ? [`memory not measured (${failureWords(memory.cause, memory.what, '').why})`]
      : []),
    ...(processes.kind === 'value'
      ? [`${processes.value} ${processes.value === 1 ? 'process' : 'processes'}`]
      : []),
    ...(uptimeSeconds.kind === 'value' ? [`up ${formatDuration(uptimeSeconds.value)}`] : []),
  ]
  return `${fitMiddle(facts.name, nameWidth)}: ${parts.join(', ')}`
}

const consumerText = ({ name, pid, rssBytes }: Consumer, ram: number | null): string =>
  `process ${fitMiddle(name, nameWidth)}${pid === null ? '' : ` (${pid})`}: ${memoryText(rssBytes, ram)}`

const memoryText = (bytes: number, ram: number | null): string => {
  const share = ram === null ? '' : `, ${formatPercent((bytes / ram) * 100)} of RAM`
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB${share}`
}

const actionLine = ({ facts, action }: ServiceResult): LogLine[] =>
  action === null
    ? []
    : [
        {
          level: action.outcome === 'failed' ? 'ERROR' : 'INFO',
          text: `${fitMiddle(facts.name, nameWidth)} ${clip(action.kind, nameWidth)} ${action.outcome}: ${clip(action.reason, 400)}`,
        },
      ]
