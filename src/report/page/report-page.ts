import type { PageData } from '../../core/page-data.ts'
import { formatBytes, formatDuration } from '../../core/units.ts'
import { escapeHtml, scriptJson } from '../html.ts'
import { pageHead } from '../page-head.ts'
import { figures, stampOf } from './figures.ts'
import { packService } from './pack-service.ts'
import { picture } from './picture.ts'
import { seconds } from './range.ts'
import type { ReportedService, ReportFacts } from './report-facts.ts'
import { reportStyle } from './report-style.ts'
import { badge, summaryTable } from './summary.ts'
import { headline, sentenceOf } from './words.ts'

/** What the build makes of src/page: the script with its chart library, that library's style, and the script's hash. */
export interface PageParts {
  script: string
  style: string
  /** As a content security policy has it: `sha256-…`. */
  hash: string
  /** Name and version of the chart library, and its licence. */
  library: string
  licence: string
}

/** One file that needs nothing from elsewhere; the script only adds to what is there without it. */
export const reportPage = (facts: ReportFacts, parts: PageParts): string => {
  const { hostname, services } = facts
  const title = `Memory of ${hostname}`
  const isEmpty = services.length === 0
  return `${pageHead(title, parts.style + reportStyle, parts.hash)}<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(headline(facts))}</p>
<p class="meta">${metaText(facts)}</p>
${facts.notes.length === 0 ? '' : `<ul class="notes">${facts.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`}
</header>
<main>
${isEmpty ? emptyText : `<nav aria-label="Services">${summaryTable(facts)}</nav>\n${legend}\n${services.map((service, i) => section(service, i, facts)).join('\n')}`}
</main>
<footer>Made by oratio-health ${escapeHtml(facts.version)}${isEmpty ? '' : `. Charts by ${escapeHtml(parts.library)}, MIT licence`}.</footer>
${isEmpty ? '' : `<script type="application/json" id="data">${scriptJson(dataOf(facts))}</script>\n<!-- ${parts.library}\n${parts.licence.replaceAll('--', '- -')}\n-->\n<script>${parts.script}</script>`}
</body>
</html>
`
}

const emptyText = `<p>No memory was recorded on this host in this time, so there is nothing to show. Each run of
<code>oratio-health check</code> records a sample: see that cron or a timer runs it, as the same user and with the same
state folder as this report.</p>`

const dataOf = (facts: ReportFacts): PageData => ({
  offsets: facts.offsets,
  marks: facts.marks.map(({ atMs, text }) => [seconds(atMs), text === '' ? 'marked' : text]),
  services: facts.services.map((service) => packService(service, facts)),
})

const metaText = (facts: ReportFacts): string => {
  const minutes = facts.offsets.at(-1)?.[1] ?? 0
  const sign = minutes < 0 ? '−' : '+'
  const two = (number: number): string => String(number).padStart(2, '0')
  const zone = `UTC${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
  const alerts =
    facts.alertsFromMs === null
      ? ' No health log was found, so alerts are not known.'
      : facts.alertsFromMs > facts.fromMs + 3_600_000
        ? ` Alerts are known from ${stampOf(facts.alertsFromMs, facts)} on.`
        : ''
  return `${stampOf(facts.fromMs, facts)} to ${stampOf(facts.nowMs, facts)}, the host’s own time (${zone}).${alerts}`
}

const legend = `<section class="legend" aria-label="How to read the charts"><ul>
<li><svg viewBox="0 0 30 14"><path class="band" d="M0 4L30 1V9L0 12z"/><path class="floor" d="M0 12L30 9"/></svg>what it holds itself: lowest to highest</li>
<li><svg viewBox="0 0 30 14"><path class="used" d="M0 7H30"/></svg>what counts against the limit</li>
<li><svg viewBox="0 0 30 14"><path class="limit" d="M0 7H30"/></svg>limit</li>
<li><svg viewBox="0 0 30 14"><path class="cone" d="M0 13L16 1H30V5z"/><path class="course" d="M0 13L24 1"/></svg>forecast: soonest, best guess, latest</li>
<li><svg viewBox="0 0 30 14"><path class="restart" d="M15 0V14"/></svg>restart</li>
<li><svg viewBox="0 0 30 14"><path class="mark" d="M15 0V14"/></svg>mark of a deploy</li>
<li><svg viewBox="0 0 30 14"><rect class="alert warning" width="14" height="8" y="3"/><rect class="alert critical" x="16" width="14" height="8" y="3"/></svg>alerts: warning, critical</li>
</ul><p class="scripted"><span class="mouse">Drag over a chart to zoom, double-click for the whole.</span> <span class="touch">Tap a chart for its values.</span> On the keyboard: <kbd>←</kbd> <kbd>→</kbd> move along, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>Esc</kbd> shows the whole.</p></section>`

const section = (service: ReportedService, i: number, facts: ReportFacts): string => {
  const { name, isHost } = service
  return `<section class="service" id="s${i}" aria-labelledby="h${i}">
<h2 id="h${i}">${escapeHtml(name)}${isHost ? ' <small>host</small>' : ''} ${badge(service)}</h2>
<p>${escapeHtml(sentenceOf(service, facts.nowMs))}</p>
<div class="chart" data-of="${i}">${picture(service, facts, pictureLabel(service))}</div>
<details><summary>Figures and events</summary>${figures(service, facts)}</details>
</section>`
}

/** The picture for who cannot see it; the figures follow below. */
const pictureLabel = ({ name, records, restarts, alerts, stepMs }: ReportedService): string => {
  const lowest = records.reduce((low, one) => Math.min(low, one.floorBytes), Number.POSITIVE_INFINITY)
  const highest = records.reduce((high, one) => Math.max(high, one.peakBytes), 0)
  const times = `one value each ${formatDuration(stepMs / 1000)}`
  return `Memory of ${name}: ${formatBytes(lowest)} to ${formatBytes(highest)}, ${times}; ${restarts.length} restarts, ${alerts.length} alerts`
}
