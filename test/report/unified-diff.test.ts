import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unifiedDiff } from '../../src/report/unified-diff.ts'

describe('unifiedDiff', () => {
  it('of a new file, a file that goes, and nothing', () => {
    expect(unifiedDiff('/x', null, 'a\nb\n')).toEqual([
      '--- /dev/null',
      '+++ /x',
      '@@ -0,0 +1,2 @@',
      '+a',
      '+b',
    ])
    expect(unifiedDiff('/x', 'a\n', null)).toEqual(['--- /x', '+++ /dev/null', '@@ -1 +0,0 @@', '-a'])
    expect(unifiedDiff('/x', 'a\n', 'a\n')).toEqual([])
  })

  it('shows three lines around a change, and two hunks for two far ones', () => {
    const before = Array.from({ length: 30 }, (_, i) => `${i}\n`)
    const after = before.map((line, i) => (i === 5 || i === 25 ? `new ${i}\n` : line))
    const diff = unifiedDiff('/x', before.join(''), after.join(''))
    expect(diff.filter((line) => line.startsWith('@@'))).toEqual(['@@ -3,7 +3,7 @@', '@@ -23,7 +23,7 @@'])
    expect(diff.slice(2, 11)).toEqual(['@@ -3,7 +3,7 @@', ' 2', ' 3', ' 4', '-5', '+new 5', ' 6', ' 7', ' 8'])
  })

  it('says that a last line has no end', () => {
    expect(unifiedDiff('/x', 'a', 'a\n')).toEqual([
      ...['--- /x', '+++ /x', '@@ -1 +1 @@', '-a', '\\ No newline at end of file', '+a'],
    ])
  })

  it('a crontab of 10,000 lines takes no time', () => {
    const text = Array.from({ length: 10_000 }, (_, i) => `${i} * * * * x\n`).join('')
    const other = Array.from({ length: 10_000 }, (_, i) => `${i} * * * * y\n`).join('')
    const beganAt = performance.now()
    expect(unifiedDiff('/x', text, `${text}new\n`)).toHaveLength(7)
    expect(unifiedDiff('/x', text, other)).toHaveLength(20_003)
    expect(performance.now() - beganAt).toBeLessThan(20_000)
  })

  it('patch(1) makes the new text of it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oh-diff-'))
    const line = fc.constantFrom('a', 'b', 'c', '', '* * *')
    const texts = fc.array(line, { maxLength: 15 }).map((lines) => lines.map((one) => `${one}\n`).join(''))
    try {
      fc.assert(
        fc.property(texts, texts, (before, after) => {
          fc.pre(before !== after && before !== '' && after !== '')
          writeFileSync(join(folder, 'x'), before)
          const diff = unifiedDiff('x', before, after)
            .map((one) => `${one}\n`)
            .join('')
          execFileSync('git', ['apply', '--unidiff-zero', '-p0', '-'], {
            cwd: folder,
            input: diff,
            stdio: ['pipe', 'ignore', 'ignore'],
          })
          expect(readFileSync(join(folder, 'x'), 'utf8')).toBe(after)
        }),
        { numRuns: 25 },
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
