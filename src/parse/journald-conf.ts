/** One `Key=value` of the section `[Journal]`; an empty value resets the key to its default. */
export interface Assignment {
  key: string
  value: string
  /** From 1. */
  line: number
}

/**
 * The `[Journal]` assignments of a journald.conf or a drop-in, in their order. By systemd.syntax(7): lines that begin
 * with `#` or `;` are comments, also between continued lines; a backslash at the end joins the next line with a space;
 * white space around `=` does not count. What systemd would skip with a warning is skipped.
 */
export const parseJournaldConf = (text: string): Assignment[] => {
  const found: Assignment[] = []
  let section = ''
  for (const { text: joined, line } of joinedLines(text)) {
    const header = /^\[(.*)\]$/.exec(joined)
    if (header) section = header[1] ?? ''
    else if (section === 'Journal') found.push(...assignmentIn(joined, line))
  }
  return found
}

const assignmentIn = (text: string, line: number): Assignment[] => {
  const at = text.indexOf('=')
  const key = text.slice(0, Math.max(0, at)).trim()
  return /^\w+$/.test(key) ? [{ key, value: text.slice(at + 1).trim(), line }] : []
}

interface Joined {
  text: string
  line: number
}

const joinedLines = (text: string): Joined[] => {
  const all: Joined[] = []
  let open: Joined | null = null
  for (const [i, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const trimmed = raw.trim()
    if (/^[#;]/.test(trimmed)) continue
    const continues = trimmed.endsWith('\\')
    const part = continues ? trimmed.slice(0, -1) : trimmed
    const joined: Joined =
      open === null ? { text: part, line: i + 1 } : { ...open, text: `${open.text} ${part}` }
    open = continues ? joined : null
    if (!continues) all.push({ ...joined, text: joined.text.trim() })
  }
  return open === null ? all : [...all, { ...open, text: open.text.trim() }]
}
