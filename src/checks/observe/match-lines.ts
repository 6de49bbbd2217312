import type { ProcessStat } from '../../core/facts.ts'
import type { Host } from '../../host/host.ts'

// Anybody may start a program with long arguments, so a rule that ends processes sees no more of them.
const matchedCharacters = 4096

/** What config/regex.ts lets through may still take a high power of the length, and anybody chooses a command line. */
export const matchMs = 1000

/** Processes by their command line: hundreds of orphans have one and the same, and it is tried once. */
export type Lines = ReadonlyMap<string, readonly ProcessStat[]>

export const linesOf = (
  processes: readonly ProcessStat[],
  commandLine: (pid: number) => string,
  mostCharacters = matchedCharacters,
): Lines => {
  const lines = new Map<string, ProcessStat[]>()
  for (const stat of processes) {
    const whole = commandLine(stat.pid)
    const line = whole.length > mostCharacters ? whole.slice(0, mostCharacters) : whole
    const there = lines.get(line)
    if (there === undefined) lines.set(line, [stat])
    else there.push(stat)
  }
  return lines
}

/**
 * Whom each expression fits, in the order of the expressions; null where one takes longer than it may. All are tried in one
 * go, and only when that takes too long one by one, to tell which it is.
 */
export const matchAll = async (
  { within }: Pick<Host, 'within'>,
  asked: readonly { match: string; lines: Lines }[],
): Promise<(ProcessStat[] | null)[]> => {
  const all = await within(matchMs, () => {
    const lines = [...new Set(asked.map((one) => one.lines))].map((whole): [Lines, Lines] => [
      whole,
      worthAsking(
        whole,
        asked.filter((one) => one.lines === whole).map(({ match }) => match),
      ),
    ])
    const narrowed = new Map(lines)
    return asked.map(({ match, lines: whole }) => fitting({ match, lines: narrowed.get(whole) ?? whole }))
  })
  if (all !== null) return all.result
  const one = []
  for (const question of asked) one.push((await within(matchMs, () => fitting(question)))?.result ?? null)
  return one
}

/** Most lines fit no expression: all of them in one as alternatives are tried first. Groups by number or name would mix. */
const worthAsking = (lines: Lines, matches: readonly string[]): Lines => {
  if (matches.length < 2 || matches.some((match) => /\\[1-9k]|\(\?<[^=!]/.test(match))) return lines
  const any = new RegExp(matches.map((match) => `(?:${match})`).join('|'))
  return new Map([...lines].filter(([line]) => any.test(line)))
}

const fitting = ({ match, lines }: { match: string; lines: Lines }): ProcessStat[] => {
  const pattern = new RegExp(match)
  const found: ProcessStat[] = []
  for (const [line, processes] of lines) if (pattern.test(line)) found.push(...processes)
  return found
}
