import { type CrashReport, crashText } from './crash-text.ts'

/** One file without scripts, fonts or anything from elsewhere; light and dark; for a phone and for paper. */
export const crashHtml = (report: CrashReport): string => {
  const [title = '', ...lines] = crashText(report).split('\n')
  const parts = lines.join('\n').split(/\n(?=[A-Z][A-Z -]+\n)/)
  const body = parts.map((part, i) => {
    if (i === 0) return `<pre>${escapeHtml(part)}</pre>`
    const end = part.indexOf('\n')
    const heading = part.slice(0, end)
    return `<h2>${escapeHtml(heading.charAt(0) + heading.slice(1).toLowerCase())}</h2>\n<pre>${escapeHtml(part.slice(end + 1))}</pre>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
@media print { body { margin: 0; max-width: none; } }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body.join('\n')}
</body>
</html>
`
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
