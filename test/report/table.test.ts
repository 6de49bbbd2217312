import { describe, expect, it } from 'vitest'
import { bar } from '../../src/report/bar.ts'
import { inkFor } from '../../src/report/color.ts'
import { type Column, table } from '../../src/report/table.ts'
import { textWidth } from '../../src/report/width.ts'

const plain = inkFor(false)
const columns: Column[] = [
  { title: 'name', align: 'left', rank: 0, shrinksTo: { first: 10, last: 4 } },
  { title: 'state', align: 'left', rank: 1 },
  { title: 'memory', align: 'right', rank: 2 },
]
const row = (...texts: string[]): { text: string }[] => texts.map((text) => ({ text }))

describe('table', () => {
  it('aligns by the widest cell, wide characters counted as two', () => {
    expect(
      table(columns, [row('漢字', 'running', '1.0 GiB'), row('db', 'failed', '12 B')], 40, plain),
    ).toEqual(['name  state     memory', '漢字  running  1.0 GiB', 'db    failed      12 B'])
  })

  it('cuts long names first, then drops columns by rank, then cuts further', () => {
    const rows = [row('electron-cash-daemon', 'running', '1.0 GiB')]
    expect(table(columns, rows, 30, plain)[1]).toBe('electro…emon  running  1.0 GiB')
    expect(table(columns, rows, 26, plain)[1]).toBe('electron-c…daemon  1.0 GiB')
    expect(table(columns, rows, 15, plain)[1]).toBe('electron-…aemon')
    expect(table(columns, rows, 6, plain)).toEqual(['name', 'elect…'])
  })

  it('is as wide in colour as without', () => {
    const colored = table(
      columns,
      [[{ text: 'db', style: 'red' }, { text: 'failed' }, { text: '' }]],
      40,
      inkFor(true),
    )
    expect(colored[1]).toContain('\u001b[31mdb\u001b[39m')
    expect(colored.map((line) => line.replace(/\u001b\[\d+m/g, ''))).toEqual([
      'name  state   memory',
      'db    failed',
    ])
  })

  it('escapes its cells and measures them as shown', () => {
    const lines = table(columns, [row('a\u001b[2Jb', 'up', '1')], 40, plain)
    expect(lines).toEqual(['name       state  memory', 'a\\x1b[2Jb  up          1'])
    expect(lines.map(textWidth)).toEqual([24, 24])
  })
})

describe('bar', () => {
  it.each([
    [0, '░░░░░░░░░░'],
    [0.4, '░░░░░░░░░░'],
    [0.5, '█░░░░░░░░░'],
    [50, '█████░░░░░'],
    [99.9, '█████████░'],
    [100, '██████████'],
    [250, '██████████'],
    [-3, '░░░░░░░░░░'],
    [Number.NaN, '░░░░░░░░░░'],
  ])('%s percent', (percent, drawn) => {
    expect(bar(percent, 10, null, plain)).toBe(drawn)
  })
})
