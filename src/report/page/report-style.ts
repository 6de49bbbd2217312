/** Charts, summary and figures of the report page; the colours are page-style.ts's. */
export const reportStyle = `
.lead { font-size: 1.125rem; max-width: none; }
.notes { color: var(--warning); margin: 0 0 1rem; padding-left: 1.25rem; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--faint); vertical-align: baseline; }
thead th { color: var(--soft); font-size: .8125rem; font-weight: 500; border-color: var(--line); }
.number { text-align: right; white-space: nowrap; }
nav { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .25rem .4rem; margin: 1rem 0; }
.summary tbody tr:last-child > * { border-bottom: 0; }
.summary tbody tr:hover { background: var(--faint); }
.summary td { font-size: .9375rem; }
.due { color: var(--critical); font-weight: 600; }
.none { color: var(--soft); }
.badge { display: inline-block; font-size: .8125rem; font-weight: 600; line-height: 1.5; padding: 0 .55em; border: 1px solid currentColor; border-radius: 1em; white-space: nowrap; }
h2 .badge { margin-left: .35em; vertical-align: .1em; }
.leak { color: var(--critical); } .growing { color: var(--warning); }
.insufficient { color: var(--unknown); } .stable { color: var(--good); }
.badge.leak { background: var(--critical); color: var(--card); border-color: var(--critical); }
.share { display: inline-block; width: 4.5rem; height: .5rem; margin-right: .5rem; border-radius: .25rem; background: var(--line); overflow: hidden; }
.share span { display: block; height: 100%; background: var(--link); }
.share.raised span { background: var(--warning); } .share.high span { background: var(--critical); }
.percent { display: inline-block; min-width: 2.6rem; font-size: .875rem; text-align: right; }
.summary .wide { white-space: nowrap; }
.summary tbody th { font-weight: 500; }
.meta { max-width: none; }
.legend { color: var(--soft); font-size: .8125rem; margin: 0 0 1rem; }
.legend ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0 0 .25rem; padding: 0; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.legend svg { width: 30px; height: 14px; flex: none; }
.scripted { display: none; } .js .scripted { display: block; max-width: none; }
@media (hover: none) { .scripted .mouse { display: none; } }
@media (hover: hover) { .scripted .touch { display: none; } }
kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 .3em; background: var(--card); }
.service { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 0 0 1rem; scroll-margin-top: 1rem; }
.service:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
svg path { fill: none; vector-effect: non-scaling-stroke; }
svg .grid { stroke: var(--faint); }
svg .band { fill: var(--link); fill-opacity: .22; }
svg .floor { stroke: var(--link); stroke-width: 2; }
svg .used { stroke: var(--soft); stroke-dasharray: 1 3; stroke-width: 1.5; stroke-linecap: round; }
svg .limit { stroke: var(--critical); stroke-width: 1.5; stroke-dasharray: 7 4; }
svg .cone { fill: var(--critical); fill-opacity: .16; }
svg .course { stroke: var(--critical); stroke-width: 1.5; stroke-dasharray: 2 3; }
svg .restart { stroke: var(--plan); stroke-width: 1.5; }
svg .mark { stroke: var(--good); stroke-width: 2; }
rect.alert.warning { fill: var(--warning); } rect.alert.critical { fill: var(--critical); } rect.alert.unknown { fill: var(--unknown); }
.chart { margin: .5rem 0; }
.still .box { position: relative; height: 13rem; margin: 0 .5rem 0 4.5rem; }
.still { padding-bottom: 1.5rem; }
.still svg { display: block; width: 100%; height: 100%; overflow: hidden; border-bottom: 1px solid var(--line); }
.still span { position: absolute; font-size: .75rem; line-height: 1; color: var(--soft); white-space: nowrap; }
.still .y { right: calc(100% + .4rem); transform: translateY(-50%); }
.still .x { top: calc(100% + .4rem); transform: translateX(-50%); }
.chart.live .still { display: none; }
.drawn { border-radius: 4px; }
.drawn .u-over { cursor: crosshair; }
.u-select { background: var(--link); opacity: .18; }
.u-hz .u-cursor-x { border-right: 1px solid var(--soft); }
.uplot { font: inherit; line-height: normal; }
.read { display: flex; margin-top: .5rem; flex-wrap: wrap; justify-content: space-between; align-items: start; gap: .25rem 1rem; font-size: .875rem; }
.read output { flex: 1 1 18rem; min-height: 2.8em; line-height: 1.4; }
.read b { font-weight: 600; }
.read .tools { display: flex; gap: .25rem; }
button { font: inherit; min-width: 2.25rem; min-height: 2.25rem; padding: 0 .6rem; color: var(--ink); background: var(--faint); border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
button:hover { border-color: var(--soft); }
details { margin-top: .25rem; }
summary { cursor: pointer; color: var(--link); font-size: .9375rem; padding: .25rem 0; width: fit-content; }
.scroll { overflow-x: auto; }
.figures { width: auto; font-size: .875rem; margin: .25rem 0 .75rem; }
.figures td, .figures thead th:not(:first-child) { text-align: right; white-space: nowrap; }
.figures tbody th { font-weight: 400; white-space: nowrap; }
.events { list-style: none; margin: 0; padding: 0; font-size: .875rem; }
.events li { padding: .15rem 0; }
.events time { white-space: nowrap; }
.kind { display: inline-block; min-width: 4.5rem; font-weight: 600; }
.kind.warning { color: var(--warning); } .kind.critical { color: var(--critical); } .kind.unknown { color: var(--unknown); }
.kind.restart { color: var(--plan); } .kind.mark { color: var(--good); }
@media (max-width: 44rem) {
  body { padding: 1rem .6rem 2rem; }
  .wide { display: none; }
  th, td { padding: .35rem .35rem; }
  .service { padding: .75rem .6rem; }
  .still .box { margin-left: 3.6rem; height: 11rem; }
  .still span { font-size: .6875rem; }
  .summary th:first-child { width: 42%; }
  .summary td, .summary tbody th { font-size: .875rem; }
  .figures { width: 100%; font-size: .75rem; }
  .figures thead th { font-size: inherit; }
  .figures th, .figures td { padding: .25rem .15rem; }
  .figures :is(th, td):last-child { padding-right: 0; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  .drawn, .read, .scripted, summary { display: none !important; }
  .still { display: block !important; }
  .wide { display: table-cell; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  .service { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .75rem 0; margin: 0; box-shadow: none !important; }
  .service h2, .service p, .chart, .figures tr { break-inside: avoid; break-after: auto; }
  .service h2, .service p { break-after: avoid; }
  nav { border: 0; padding: 0; }
  .badge, .share, .share span, svg { print-color-adjust: exact; }
}
`
