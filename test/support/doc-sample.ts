import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

export const docPage = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../docs', `${name}.md`), 'utf8')

/** The lines below a command, to the next one or the end of its block; without a command: from that line on. */
export const docSample = (name: string, begin: string): string[] => {
  const text = docPage(name)
  const at = text.indexOf(`\n${begin}`)
  expect(at, `docs/${name}.md has no sample of ${begin}`).toBeGreaterThan(0)
  const rest = text.slice(at + 1).split('\n')
  const lines = begin.startsWith('$ ') ? rest.slice(1) : rest
  const end = lines.findIndex((line) => line === '```' || line.startsWith('$ '))
  return lines.slice(0, end)
}

/** Figures, their units and how wide a column is are none of the words. */
export const withoutFigures = (line: string): string =>
  line
    .replace(/\d[\d.]*(?: [KMGT]iB| B)/g, 'SIZE')
    .replace(/\d[\d.]*/g, 'N')
    .replace(/ +/g, ' ')

export const printed = (text: string): string[] => text.split('\n').filter((line) => line !== '')
