import type { CrashEvent } from '../core/crash-event.ts'
import type { SourceOutcome, Suspect } from '../core/crash-story.ts'
import { clip, escapeControl } from '../core/escape.ts'
import { localStamp } from '../core/stamp.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import { type CrashReport, foundLine, shownEvents, shownKills, shownTasks } from './crash-text.ts'
import { eventWords, kindWords, nextStep, reasonWords, timeWords } from './crash-words.ts'
import { escapeHtml } from './html.ts'
import { pageHead } from './page-head.ts'

const maxOwnLines = 100

/** One file without scripts, fonts or anything from elsewhere; light and dark; for a phone and for paper. */
export const crashHtml = ({ hostname, version, story, hostNow, ownActions }: CrashReport): string => {
  const { events, suspects, sources, sinceMs, untilMs } = story
  const title = `Investigation of ${clip(hostname, 200)}`
  const kills = events.filter(({ kind }) => kind === 'oom-kill')
  const [first] = suspects
  const unread = sources.filter(({ missing }) => missing !== null).length
  const lead = [
    foundLine(story),
    ...(first === undefined
      ? []
      : [`Most suspect: ${clip(first.name, 80)}: ${first.reasons.map(reasonWords).join(', ')}.`]),
    ...story.warnings.map((warning) => `Warning: ${escapeControl(warning)}.`),
  ]
  return `${pageHead(title, style)}<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="meta">${localStamp(sinceMs)} to ${localStamp(untilMs)} (${formatDuration((untilMs - sinceMs) / 1000)})</p>
${lead.map((line) => `<p class="lead">${escapeHtml(line)}</p>`).join('\n')}
${unread === 0 ? '' : `<p class="warning">${unread} ${unread === 1 ? 'source' : 'sources'} could not be read: <a href="#sources">see which</a>.</p>`}
</header>
<main>
${section('suspects', 'Suspects', suspects.length === 0 ? '' : `<ol>${suspects.slice(0, 10).map(suspectItem).join('')}</ol>`)}
${section('kills', 'Killed for memory', leftOut(kills.length, shownKills) + kills.slice(-shownKills).map(killItem).join(''))}
${section('timeline', 'Timeline', events.length === 0 ? '' : timeline(events))}
${section('own', 'What oratio-health did', listOf(ownActions.slice(-maxOwnLines).map(escapeControl)))}
${section('host', 'The host now', listOf(hostNow))}
${section('sources', 'Sources', sources.length === 0 ? '' : `<ul>${sources.map(sourceItem).join('')}</ul>`)}
</main>
<footer>Made by oratio-health ${escapeHtml(version)}.</footer>
</body>
</html>
`
}

const style = `
h2 { margin-bottom: .5rem; }
.lead { font-size: 1.0625rem; max-width: 52rem; }
.warning { color: var(--warning); }
header { margin-bottom: 1rem; }
ol, ul { margin: 0; padding-left: 1.8rem; } li { margin-bottom: .15rem; }
ol > li { margin-bottom: .75rem; } ol > li:last-child { margin-bottom: 0; }
ol ul { padding-left: 1.1rem; }
.next { color: var(--soft); } .next b { color: var(--good); font-weight: 600; }
.kill { margin-bottom: .9rem; } .kill:last-child { margin-bottom: 0; } .kill p { max-width: none; margin: 0; }
.kill table { margin: .25rem 0 0; }
table { border-collapse: collapse; font-size: .9375rem; }
td, th { text-align: left; font-weight: 400; padding: .2rem .75rem .2rem 0; vertical-align: baseline; border-bottom: 1px solid var(--faint); }
.size { text-align: right; white-space: nowrap; }
.timeline { width: 100%; } .timeline th { width: 10.5rem; white-space: nowrap; color: var(--soft); }
.timeline .boot > * { border-top: 2px solid var(--line); font-weight: 600; }
.kind { font-weight: 600; } .oom-kill, .kernel-panic, .kernel-oops, .unclean-shutdown { color: var(--critical); }
@media (max-width: 44rem) {
  body { padding: 1rem .6rem 2rem; }
  .card { padding: .75rem .6rem; }
  .timeline th, .timeline td { display: block; width: auto; padding: 0; border: 0; }
  .timeline tr { display: block; padding: .35rem 0; border-bottom: 1px solid var(--faint); }
  .timeline th { font-size: .8125rem; }
}
@media print { .card { margin: 0 0 1rem; } h2, .kill > p { break-after: avoid; } tr, li { break-inside: avoid; } }
`

const section = (id: string, title: string, body: string): string =>
  body === '' ? '' : `<section class="card" id="${id}"><h2>${title}</h2>${body}</section>`

const listOf = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`

const leftOut = (all: number, shown: number): string =>
  all > shown ? `<p class="meta">${all - shown} earlier ones are left out here.</p>` : ''

const suspectItem = (suspect: Suspect): string => {
  const reasons = suspect.reasons.map((reason) => `<li>${escapeHtml(reasonWords(reason))}</li>`).join('')
  return `<li><strong>${escapeHtml(clip(suspect.name, 80))}</strong> <small>${suspect.kind}</small><ul>${reasons}</ul><div class="next"><b>Next:</b> ${escapeHtml(nextStep(suspect))}</div></li>`
}

const killItem = (kill: CrashEvent): string => {
  const { oom } = kill
  const tasks = (oom?.tasks ?? []).slice(0, shownTasks).map(({ pid, comm, rssBytes, swapBytes }) => {
    const swap = swapBytes > 0 ? ` + ${formatBytes(swapBytes)} swap` : ''
    return `<tr><td class="size">${formatBytes(rssBytes)}${swap}</td><td>${escapeHtml(clip(comm, 30))} <small>${pid}</small></td></tr>`
  })
  const facts = [
    ...(oom?.cgroup == null ? [] : [`cgroup ${clip(oom.cgroup, 300)}`]),
    ...(oom?.invokedBy == null ? [] : [`asked for memory then: ${clip(oom.invokedBy, 40)}`]),
  ]
  return `<div class="kill"><p><span class="meta">${timeWords(kill.atMs)}</span> ${escapeHtml(eventWords(kill))}</p>${facts.map((fact) => `<p class="meta">${escapeHtml(fact)}</p>`).join('')}${tasks.length === 0 ? '' : `<table>${tasks.join('')}</table>`}</div>`
}

const timeline = (events: readonly CrashEvent[]): string => {
  const rows = events.slice(-shownEvents).map((event) => {
    const isBoot = event.kind === 'boot' || event.kind === 'unclean-shutdown'
    const kind = `<span class="kind ${event.kind}">${kindWords[event.kind]}</span>`
    const words = isBoot ? kind : `${kind}: ${escapeHtml(clip(eventWords(event), 240))}`
    return `<tr${isBoot ? ' class="boot"' : ''}><th scope="row">${timeWords(event.atMs)}</th><td>${words}</td></tr>`
  })
  return `${leftOut(events.length, shownEvents)}<table class="timeline">${rows.join('')}</table>`
}

const sourceItem = ({ name, lines, complete, missing, mend }: SourceOutcome): string => {
  const label = escapeHtml(clip(name, 100))
  if (missing !== null)
    return `<li>${label}: <span class="warning">not read</span>: ${escapeHtml(`${clip(missing, 200)}${mend === null ? '' : `; ${mend}`}`)}</li>`
  return `<li>${label}: ${lines} ${lines === 1 ? 'entry' : 'entries'}${complete ? '' : ', not all: time or size ran out'}</li>`
}
