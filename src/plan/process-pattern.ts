/** How a process is found again after a restart: a short name, and an expression for its whole command line. */
export interface ProcessPattern {
  name: string
  match: string
}

const interpreters =
  /^(python[\d.]*|pypy[\d.]*|node|nodejs|bun|deno|ruby[\d.]*|perl[\d.]*|php[\d.]*|bash|sh|dash|zsh)$/

/** Options of interpreters that take the next word for themselves; `-m`, `-jar` name the program. */
const takesWord = new Set(['-r', '--require', '-W', '-X', '--import', '--loader', '-I'])

const maxNameLength = 100

/**
 * The pattern of a process by its command line (arguments joined by a space): the script for what an interpreter
 * runs, `python3 -u /app/monitor.py --all` → `monitor\.py`, the jar for Java, otherwise the program. Null where it has
 * no name that would tell it from others, as for an interactive shell.
 */
export const processPattern = (commandLine: string): ProcessPattern | null => {
  // An empty argument 0 is a game of somebody's; a NUL separates arguments and is in none.
  if (/^ |\0/.test(commandLine)) return null
  const [program = '', ...args] = commandLine.split(' ').filter((word) => word !== '')
  // sshd and postgres write titles over it, `postgres: writer`; a login shell begins with `-`.
  const base = baseName(program)
  const name = base.replace(/^-|:$/g, '')
  if (name === '') return null
  if (name === 'java') return byWord(args[args.indexOf('-jar') + 1] ?? '', args.includes('-jar'))
  if (interpreters.test(name)) return byWord(scriptOf(args) ?? '', true)
  if (name.length > maxNameLength) return null
  return { name, match: `^(\\S*/)?${base.startsWith('-') ? '-' : ''}${escapeRegex(name)}(:|\\s|$)` }
}

const scriptOf = (args: readonly string[]): string | null => {
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? ''
    if (word === '-m') return args[i + 1] ?? null
    if (word === '-c' || word === '-e') return null
    if (takesWord.has(word)) i++
    else if (!word.startsWith('-')) return word
  }
  return null
}

/** By a word in the middle of the line, whole: between a blank or a slash and a blank. */
const byWord = (word: string, isTelling: boolean): ProcessPattern | null => {
  const name = baseName(word)
  if (!isTelling || name === '' || name.length > maxNameLength || interpreters.test(name)) return null
  return { name, match: `(^|[\\s/])${escapeRegex(name)}(\\s|$)` }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
