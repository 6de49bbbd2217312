/** What the pages of `report` and `crash-report` have in common: light and dark, phone and paper. Contrast 4.5:1 and more. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #1c2128; --soft: #57606a; --line: #d5dae0; --faint: #e9ecf0;
  --link: #0a58a8; --critical: #b42318; --warning: #8a5a00; --unknown: #57606a; --good: #17703a; --plan: #7a3ea8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1116; --card: #161b22; --ink: #e4e8ed; --soft: #9da7b3; --line: #303842; --faint: #222932;
    --link: #79b8ff; --critical: #ff8a80; --warning: #e5b454; --unknown: #9da7b3; --good: #5fd38d; --plan: #cf9cf2;
  }
}
* { box-sizing: border-box; }
body {
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; color: var(--ink); background: var(--paper);
  max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.125rem; line-height: 1.3; margin: 0 0 .25rem; }
p { margin: 0 0 .5rem; max-width: 46rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, kbd, pre { font: .8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
small, .meta, footer { color: var(--soft); font-size: .875rem; }
footer { margin-top: 2rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 0 0 1rem; }
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --faint: #ddd;
    --link: #0a58a8; --critical: #b42318; --warning: #8a5a00; --unknown: #57606a; --good: #17703a; --plan: #7a3ea8;
  }
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; }
  a { color: inherit; text-decoration: none; }
  .card { border: 0; padding: 0; }
}
`
