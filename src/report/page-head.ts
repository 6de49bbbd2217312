import { escapeHtml } from './html.ts'
import { pageStyle } from './page-style.ts'

/**
 * How each page of ours begins, up to its body: one file, with nothing from elsewhere. Its own script may run, by its
 * hash as a content security policy has it (`sha256-…`); without one no script does.
 */
export const pageHead = (
  title: string,
  style: string,
  scriptHash: string | null = null,
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; ${scriptHash === null ? '' : `script-src '${scriptHash}'; `}img-src data:; base-uri 'none'; form-action 'none'">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}${style}</style>
</head>
`
