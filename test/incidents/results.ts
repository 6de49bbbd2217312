import { readFileSync, writeFileSync } from 'node:fs'
import type { Outcome } from './replay.ts'

const begin = (where: string): string => `<!-- results of ${where}: written by test:incidents --record -->`
const end = '<!-- end of results -->'

/** The table of docs/incidents.md. */
export const resultTable = (outcomes: readonly Outcome[]): string =>
  [
    '| incident | what came true | after |',
    '|---|---|---|',
    ...outcomes.flatMap(({ letter, name, steps, seconds, failure }) => [
      ...steps.map(
        ({ what, endedSeconds, failure: missed }, at) =>
          `| ${at === 0 ? `**${letter}** ${name}` : ''} | ${missed === null ? what : `**not reached:** ${what}`} | ${endedSeconds} s |`,
      ),
      `| | ${failure === null ? '**ended well**' : '**did not end well**'} | **${seconds} s** |`,
    ]),
  ].join('\n')

/** Puts the table between its marks; what else stands in the page stays. @throws where the page has no such marks */
export const recordResults = (page: string, where: string, outcomes: readonly Outcome[]): void => {
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(begin(where))
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`${page} has no place for the results of ${where}`)
  const table = `${begin(where)}\n${resultTable(outcomes)}\n`
  writeFileSync(page, text.slice(0, from) + table + text.slice(to))
}
