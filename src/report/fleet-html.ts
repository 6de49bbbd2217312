import { clip } from '../core/escape.ts'
import type { Fleet, FleetHost } from '../core/fleet.ts'
import type { GatheredProblem } from '../core/gathered.ts'
import { localStamp } from '../core/stamp.ts'
import { formatDuration } from '../core/units.ts'
import {
  ageText,
  fleetSummary,
  leaksText,
  nextText,
  problemText,
  servicesText,
  staleText,
} from './fleet-words.ts'
import { escapeHtml } from './html.ts'
import { pageHead } from './page-head.ts'

/** Control and direction characters become visible, and the rest no element. */
const safe = (text: string): string => escapeHtml(clip(text, 300))

const mostProblems = 5

/** One file without scripts: what is not well in a table, what is well below it, to be opened. */
export const fleetHtml = (fleet: Fleet, version: string): string => {
  const { hosts, nowMs, troubles } = fleet
  const bad = hosts.filter(({ status }) => status !== 'ok')
  const well = hosts.filter(({ status }) => status === 'ok')
  const title = 'Health of all hosts'
  return `${pageHead(title, style)}<body>
<header>
<h1>${badge(fleet.status)} ${title}</h1>
<p class="lead">${safe(capital(fleetSummary(fleet)))}.</p>
<p class="meta">As of ${localStamp(nowMs)}. What is older than ${formatDuration(fleet.maxAgeMs / 1000)} counts as unknown.</p>
${troubles.length === 0 ? '' : `<ul class="notes">${troubles.map((one) => `<li>${safe(one)}</li>`).join('')}</ul>`}
</header>
<main>
${bad.length === 0 ? '' : `<section class="card" aria-label="Not well">${hostTable(bad, nowMs)}</section>`}
${well.length === 0 ? '' : `<details class="card"${bad.length === 0 ? ' open' : ''}><summary>${well.length} ${well.length === 1 ? 'host is' : 'hosts are'} well</summary>${hostTable(well, nowMs)}</details>`}
${hosts.length === 0 ? '<p>No host was found in the folders that were given.</p>' : ''}
</main>
<footer>Made by oratio-health ${escapeHtml(version)}.</footer>
</body>
</html>
`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const badge = (status: FleetHost['status']): string => `<span class="badge ${status}">${status}</span>`

const titles = ['Host', 'Status', 'Services', 'Leaks', 'To limit', 'Seen', 'What'] as const

const hostTable = (hosts: readonly FleetHost[], nowMs: number): string => `<table>
<thead><tr>${titles.map((title) => `<th scope="col">${title}</th>`).join('')}</tr></thead>
<tbody>
${hosts.map((host) => hostRow(host, nowMs)).join('\n')}
</tbody>
</table>`

const hostRow = (host: FleetHost, nowMs: number): string => {
  const { name, status, freshness, seen, leaks, next } = host
  const cell = (title: string, text: string, more = ''): string =>
    `<td class="number${more}${text === '–' ? ' none' : ''}" data-title="${title}">${text}</td>`
  const when = seen === null ? '' : ` title="${localStamp(seen.atMs)}, ${safe(seen.file)}"`
  const cells = [
    cell('Services', servicesText(host)),
    cell('Leaks', leaksText(host), freshness === 'fresh' && leaks > 0 ? ' due' : ''),
    cell(
      next === null || freshness !== 'fresh' ? 'To limit' : `To limit of ${safe(next.service)}`,
      nextText(host),
      next === null || freshness !== 'fresh' ? '' : ' due',
    ),
    `<td class="number${freshness === 'fresh' ? '' : ' unknown'}${seen === null ? ' none' : ''}" data-title="Seen"${when}>${ageText(host, nowMs)}</td>`,
  ]
  return `<tr><th scope="row">${safe(name)}</th><td>${badge(status)}</td>${cells.join('')}<td class="what">${whatText(host, nowMs)}</td></tr>`
}

const whatText = (host: FleetHost, nowMs: number): string => {
  const { problems, moreProblems, notes, freshness } = host
  const stale = staleText(host, nowMs)
  const shown = problems.slice(0, mostProblems)
  const more = problems.length - shown.length + moreProblems
  const items = [
    ...(stale === null ? [] : [`<li class="unknown">${safe(stale)}</li>`]),
    // Of then, not of now.
    ...(freshness === 'fresh' || freshness === 'unread' ? shown : []).map(problemItem),
    ...(freshness === 'fresh' && more > 0 ? [`<li class="meta">and ${more} more</li>`] : []),
    ...notes.map((note) => `<li class="meta">${safe(note)}</li>`),
  ]
  return items.length === 0 ? '' : `<ul>${items.join('')}</ul>`
}

const problemItem = (problem: GatheredProblem): string =>
  `<li><span class="${problem.status}">${problem.status}</span> ${safe(problemText(problem))}</li>`

const style = `
.lead { font-size: 1.125rem; max-width: none; } .meta { max-width: none; }
body { max-width: 76rem; }
.notes { color: var(--unknown); padding-left: 1.25rem; }
.badge { display: inline-block; font-size: .8125rem; font-weight: 600; line-height: 1.5; padding: 0 .55em; border: 1px solid currentColor; border-radius: 1em; white-space: nowrap; }
h1 .badge { font-size: .9375rem; vertical-align: .15em; }
.critical { color: var(--critical); } .warning { color: var(--warning); } .unknown { color: var(--unknown); } .ok { color: var(--good); }
.badge.critical { background: var(--critical); color: var(--card); border-color: var(--critical); }
.badge.unknown { border-style: dashed; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th { text-align: left; font-weight: 600; }
thead th { color: var(--soft); font-size: .8125rem; font-weight: 500; white-space: nowrap; border-color: var(--line); }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--faint); vertical-align: baseline; }
tbody tr:last-child > * { border-bottom: 0; }
thead th:nth-child(n+3):nth-child(-n+6), .number { text-align: right; white-space: nowrap; }
tbody th { min-width: 9rem; max-width: 16rem; }
.due { color: var(--critical); font-weight: 600; } .none { color: var(--soft); }
.what { width: 45%; } .what ul { list-style: none; margin: 0; padding: 0; } .what li { padding: .05rem 0; }
.what li > span { font-weight: 600; }
summary { cursor: pointer; color: var(--link); padding: .1rem 0; width: fit-content; }
@media (max-width: 44rem) {
  body { padding: 1rem .6rem 2rem; }
  .card { padding: .25rem .75rem; } details.card { padding: .75rem; }
  thead { display: none; }
  tr, tbody th, td { display: block; width: auto; min-width: 0; max-width: none; border: 0; padding: 0; text-align: left; }
  tr { padding: .75rem 0; border-bottom: 1px solid var(--line); } tbody tr:last-child { border-bottom: 0; }
  tbody th, tbody th + td { display: inline; margin-right: .4rem; }
  .number { display: inline-block; margin-right: 1rem; font-size: .875rem; white-space: normal; text-align: left; }
  .number::before { content: attr(data-title) " "; color: var(--soft); font-weight: 400; }
  .number.none { display: none; }
  .what { width: auto; } .what ul { margin-top: .15rem; }
}
@media print { .badge { print-color-adjust: exact; } tr { break-inside: avoid; } details::details-content { content-visibility: visible; display: block; height: auto; } summary { display: none; } }
`
