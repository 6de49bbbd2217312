/**
 * The simple commands of a shell line as their words: `a && "b c" > x; d` → `[['a'], ['b c'], ['d']]`. Good for telling
 * what a crontab line starts, not for running it: quotes go, redirections are left out, `$…` stays as written, and
 * what `$( )` holds outside of quotes counts as a command of its own. Never throws; an open quote ends with the text.
 */
export const simpleCommands = (text: string): string[][] => {
  const commands: string[][] = [[]]
  let at = 0
  while (at < text.length) {
    const c = text[at] ?? ''
    if (c === ' ' || c === '\t' || c === '\n') at++
    else if (';&|(){}'.includes(c)) {
      commands.push([])
      at++
    } else if (c === '#') break
    else if (c === '<' || c === '>') at = afterRedirection(text, at)
    else {
      const word = readWord(text, at)
      at = word.end
      // The 2 of `2>file` belongs to the redirection.
      const isDescriptor = /^\d+$/.test(word.text) && '<>'.includes(text[at] || ' ')
      if (!isDescriptor) commands.at(-1)?.push(word.text)
    }
  }
  return commands.filter((words) => words.length > 0)
}

const readWord = (text: string, start: number): { text: string; end: number } => {
  const parts: string[] = []
  let at = start
  while (at < text.length) {
    const c = text[at] ?? ''
    if (' \t\n;&|()<>'.includes(c)) break
    if (c === "'" || c === '"') {
      const end = endOfQuote(text, at)
      parts.push(c === '"' ? text.slice(at + 1, end).replace(/\\(["\\$`])/g, '$1') : text.slice(at + 1, end))
      at = end + 1
    } else if (c === '\\') {
      parts.push(text[at + 1] ?? '')
      at += 2
    } else {
      parts.push(c)
      at++
    }
  }
  return { text: parts.join(''), end: Math.min(at, text.length) }
}

/** Where the quote that opens at `start` closes, or the end of the text. */
const endOfQuote = (text: string, start: number): number => {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text[at] === quote) return at
  }
  return text.length
}

/** Behind `> file`, `2>&1`, `<<< word`, `&>file`. */
const afterRedirection = (text: string, start: number): number => {
  let at = start
  while ('<>&|'.includes(text[at] || ' ')) at++
  while (text[at] === ' ' || text[at] === '\t') at++
  return readWord(text, at).end
}
