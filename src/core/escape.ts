/**
 * Command names, paths and log lines of others reach terminals and log files through here: control characters,
 * escape sequences, bidirectional overrides and line breaks become visible `\x1b`, `\n`, `\u202e`.
 */
export const escapeControl = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (c) => {
    if (c === '\n') return '\\n'
    if (c === '\t') return '\\t'
    if (c === '\r') return '\\r'
    const code = c.charCodeAt(0)
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })

/** Escaped, and cut to `width` characters with an ellipsis that says so; never in the middle of a surrogate pair. */
export const clip = (text: string, width: number): string => {
  // Escaping only lengthens, so what lies beyond is cut in any case: a megabyte of arguments costs nothing.
  const safe = escapeControl(text.slice(0, width + 1))
  if (safe.length <= width) return safe
  return `${safe.slice(0, Math.max(0, width - 1)).replace(/[\ud800-\udbff]$/, '')}…`
}
