import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJournaldConf } from '../../src/parse/journald-conf.ts'

describe('parseJournaldConf', () => {
  it('reads the assignments of [Journal] alone, with their lines', () => {
    const text = `# comment
; too
SystemMaxUse=1G
[Journal]
#Storage=auto
Storage = persistent\t
SystemMaxUse=
[Manager]
LogLevel=debug
[Journal]
RateLimitBurst=0
`
    expect(parseJournaldConf(text)).toEqual([
      { key: 'Storage', value: 'persistent', line: 6 },
      { key: 'SystemMaxUse', value: '', line: 7 },
      { key: 'RateLimitBurst', value: '0', line: 11 },
    ])
  })

  it('joins continued lines, over comments in between', () => {
    expect(parseJournaldConf('[Journal]\nForwardToSocket=a \\\n# no\n  b\nAudit=no\\')).toEqual([
      { key: 'ForwardToSocket', value: 'a  b', line: 2 },
      { key: 'Audit', value: 'no', line: 5 },
    ])
  })

  it.each([
    ['nothing', ''],
    ['no section', 'SystemMaxUse=1G'],
    ['a section that is not closed', '[Journal\nSystemMaxUse=1G'],
    ['no key', '[Journal]\n=1G\n'],
    ['no assignment', '[Journal]\nSystemMaxUse\n'],
    ['a key that is none', '[Journal]\nSystem MaxUse=1G\n'],
  ])('%s: none', (_, text) => {
    expect(parseJournaldConf(text)).toEqual([])
  })

  it('takes Windows line ends and a byte order mark', () => {
    expect(parseJournaldConf('\ufeff[Journal]\r\nSystemMaxUse=1G\r\n')).toEqual([
      { key: 'SystemMaxUse', value: '1G', line: 2 },
    ])
  })

  it('never throws, and no value has a line break', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const { key, value, line } of parseJournaldConf(`[Journal]\n${text}`)) {
          expect(key).toMatch(/^\w+$/)
          expect(value).not.toMatch(/\n/)
          expect(line).toBeGreaterThan(1)
        }
      }),
    )
  })
})
