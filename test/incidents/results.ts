import { readFileSync, writeFileSync } from 'node:fs'
import type { Outcome } from './replay.ts'

const begin = (where: string): string => `<!-- results of ${where}: written by test:incidents --record -->`
const end = '<!-- end of results -->'

const head = ['| incident | what came true | after |', '|---|---|---|']

/** The lines of one replay. */
const rowsOf = ({ letter, name, steps, seconds, failure }: Outcome): string[] => [
  ...steps.map(
    ({ what, endedSeconds, failure: missed }, at) =>
      `| ${at === 0 ? `**${letter}** ${name}` : ''} | ${missed === null ? what : `**not reached:** ${what}`} | ${endedSeconds} s |`,
  ),
  `| ${steps.length === 0 ? `**${letter}** ${name}` : ''} | ${failure === null ? '**ended well**' : '**did not end well**'} | **${seconds} s** |`,
]

/** The table of docs/incidents.md. */
export const resultTable = (outcomes: readonly Outcome[]): string =>
  [...head, ...outcomes.flatMap(rowsOf)].join('\n')

/**
 * Puts the table between its marks; results of replays that did not run this time stay, and what else stands in the page.
 * @throws where the page has no such marks
 */
export const recordResults = (page: string, where: string, outcomes: readonly Outcome[]): void => {
  const text = readFileSync(page, 'utf8')
  const mark = begin(where)
  const from = text.indexOf(mark)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`${page} has no place for the results of ${where}`)
  const byLetter = recorded(text.slice(from + mark.length, to))
  for (const outcome of outcomes) byLetter.set(outcome.letter, rowsOf(outcome))
  const rows = order.flatMap((letter) => byLetter.get(letter) ?? [])
  const table = [mark, ...(rows.length > 0 ? [...head, ...rows] : []), ''].join('\n')
  writeFileSync(page, text.slice(0, from) + table + text.slice(to))
}

/** The incidents as the page has them. */
const order = ['E', 'V', 'O', 'T', 'P']

/** The rows of a table by the letter of their replay. */
const recorded = (table: string): Map<string, string[]> => {
  const rows = new Map<string, string[]>()
  let letter = ''
  for (const line of table.split('\n').filter((one) => one.startsWith('|') && !head.includes(one))) {
    letter = /^\| \*\*(\w)\*\*/.exec(line)?.[1] ?? letter
    rows.set(letter, [...(rows.get(letter) ?? []), line])
  }
  return rows
}
