import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withBlock, withoutBlock } from '../../src/plan/crontab-block.ts'

const lines = ['* * * * * sleep 4; oratio-health check', '3-59/10 * * * * oratio-health cleanup-tmp']

const edited = (text: string | null, force = false) => {
  const edit = withBlock(text, lines, force)
  if ('refusal' in edit) throw new Error(edit.refusal)
  return edit
}

const removed = (text: string) => {
  const edit = withoutBlock(text)
  if (edit === null || 'refusal' in edit) throw new Error(edit?.refusal ?? 'no block')
  return edit
}

const block = edited(null).text
const mine = '# mine\nMAILTO=me\n5 4 * * * /usr/bin/backup 100\\%\n'

describe('our block in a crontab', () => {
  it('goes to the end, and leaves again to the byte', () => {
    expect(block.split('\n')).toHaveLength(5)
    expect(edited(mine).text).toBe(mine + block)
    expect(removed(mine + block)).toEqual({ text: mine, notes: [] })
    expect(removed(block).text).toBe('')
  })

  it('a second time changes nothing', () => {
    expect(edited(mine + block)).toEqual({ text: mine + block, notes: [] })
  })

  it('stays where it is when its lines change', () => {
    const old = withBlock(null, ['0 * * * * oratio-health check'], false)
    if ('refusal' in old) throw new Error(old.refusal)
    expect(edited(`${mine}${old.text}# below\n`).text).toBe(`${mine}${block}# below\n`)
  })

  it('a crontab without a line end at its end gets one, and that is said', () => {
    const { text, notes } = edited('* * * * * true')
    expect(text).toBe(`* * * * * true\n${block}`)
    expect(notes).toEqual([expect.stringContaining('did not end with a line end')])
  })

  it('CR LF of others stay, and that is said', () => {
    const windows = '* * * * * true\r\n# x\r\n'
    const { text, notes } = edited(windows)
    expect(text).toBe(windows + block)
    expect(notes).toEqual([expect.stringContaining('CR LF')])
    expect(removed(text).text).toBe(windows)
  })

  it('a block whose line ends an editor has turned into CR LF is known and written anew', () => {
    const text = edited(mine + block.replaceAll('\n', '\r\n')).text
    expect(text).toBe(mine + block)
  })

  it('one that was changed by hand is not overwritten unless asked', () => {
    const changed = mine + block.replace('sleep 4', 'sleep 5')
    expect(withBlock(changed, lines, false)).toEqual({
      refusal: 'lines 4 to 7 of the crontab are of oratio-health and were changed by hand',
      mend: expect.stringContaining('--force'),
    })
    expect(edited(changed, true).text).toBe(mine + block)
    expect(removed(changed)).toEqual({ text: mine, notes: [expect.stringContaining('changed by hand')] })
  })

  it('lines of others that were put into it stay', () => {
    const inside = mine + block.replace('3-59/10', '@daily /usr/bin/theirs\n3-59/10')
    expect(removed(inside)).toEqual({
      text: `${mine}@daily /usr/bin/theirs\n`,
      notes: [expect.stringContaining('they stay')],
    })
    expect(edited(inside, true).text).toBe(`${mine}${block}@daily /usr/bin/theirs\n`)
  })

  it('two of them become one', () => {
    const { text, notes } = edited(`${block}${mine}${block}# end\n`)
    expect(text).toBe(`${block}${mine}# end\n`)
    expect(notes).toEqual([expect.stringContaining('2 blocks')])
    expect(removed(`${block}${mine}${block}`).text).toBe(mine)
  })

  const [begin = ''] = block.split('\n')
  it.each([
    ['no end', `${mine}${begin}\n* * * * * oratio-health check\n`, 'no line ends'],
    ['no beginning', `${mine}# <<< oratio-health install <<<\n`, 'no line begins'],
    ['two beginnings', `${begin}\n${begin}\n# <<< oratio-health install <<<\n`, 'no line ends'],
  ])('%s: refused, with the line', (_, text, words) => {
    for (const edit of [withBlock(text, lines, true), withoutBlock(text)]) {
      if (edit === null || !('refusal' in edit)) throw new Error('not refused')
      expect(edit.refusal).toMatch(/^line \d+ of the crontab/)
      expect(edit.refusal).toContain(words)
      expect(edit.mend).toContain('crontab -e')
    }
  })

  it('no crontab text loses a byte', () => {
    const line = fc.string({
      unit: fc.constantFrom('a', '*', ' ', '\t', '\r', '#', '%', '\\', 'ä', '>', '<'),
    })
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (parts, endsOpen) => {
        const text = parts.join('\n') + (endsOpen || parts.length === 0 ? '' : '\n')
        const into = edited(text).text
        const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`
        expect(into).toBe(whole + block)
        expect(removed(into).text).toBe(whole)
      }),
    )
  })
})
