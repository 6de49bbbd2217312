import { formatBytes, formatPercent } from '../../core/units.ts'
import { escapeHtml } from '../html.ts'
import type { ReportedService, ReportFacts } from './report-facts.ts'
import { leftText, rateOf, verdictWords } from './words.ts'

/** A line for each service, what matters first. */
export const summaryTable = ({ services, nowMs }: ReportFacts): string => `<table class="summary">
<thead><tr><th scope="col">Service</th><th scope="col">Verdict</th><th scope="col" class="number">Memory</th><th scope="col" class="wide">Of its limit</th><th scope="col" class="number wide">Growth</th><th scope="col" class="number">Limit hit in</th><th scope="col" class="number wide">Restarts</th><th scope="col" class="number wide">Alerts</th></tr></thead>
<tbody>
${services.map((service, i) => summaryRow(service, i, nowMs)).join('\n')}
</tbody>
</table>`

const summaryRow = (service: ReportedService, i: number, nowMs: number): string => {
  const { name, isHost, memoryBytes, restarts, alerts, verdict } = service
  return `<tr><th scope="row"><a href="#s${i}">${escapeHtml(name)}</a>${isHost ? ' <small>host</small>' : ''}</th><td>${badge(service)}</td><td class="number">${formatBytes(memoryBytes)}</td><td class="wide">${shareOf(service)}</td><td class="number wide">${rateOf(service)}</td><td class="number${verdict.verdict === 'leak' ? ' due' : ''}">${leftText(service, nowMs) || '<span class="none">–</span>'}</td><td class="number wide">${restarts.length || '<span class="none">0</span>'}</td><td class="number wide">${alerts.length || '<span class="none">0</span>'}</td></tr>`
}

export const badge = ({ verdict: { verdict } }: ReportedService): string =>
  `<span class="badge ${verdict}">${verdictWords[verdict]}</span>`

/** A bar without words of its own needs none: the figure is beside it. */
const shareOf = ({ records }: ReportedService): string => {
  const last = records.at(-1)
  if (last === undefined || last.limitBytes === null || last.limitBytes <= 0)
    return '<span class="none">no limit</span>'
  const percent = ((last.usedBytes ?? last.peakBytes) / last.limitBytes) * 100
  const level = percent >= 90 ? ' high' : percent >= 75 ? ' raised' : ''
  return `<span class="share${level}"><span style="width:${Math.min(100, percent).toFixed(0)}%"></span></span><span class="percent">${formatPercent(percent)}</span>`
}
