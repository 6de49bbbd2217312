import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePasswd } from '../../src/parse/passwd.ts'

describe('/etc/passwd', () => {
  it('gives the uid of each name', () => {
    const uids = parsePasswd(
      'root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n',
    )
    expect([...uids]).toEqual([
      ['root', 0],
      ['pi', 1000],
      ['nobody', 65534],
    ])
  })

  it.each([
    ['', []],
    ['\n\n', []],
    ['root', []],
    ['root:x', []],
    ['root:x:zero:0:::\n', []],
    ['root:x:-1:0:::\n', []],
    ['root:x: 0:0:::\n', []],
    [':x:0:0:::\n', []],
    ['+::::::\n', []],
    ['a:x:99999999999:0:::\n', []],
    ['twice:x:1:1:::\ntwice:x:0:0:::\n', [['twice', 1]]],
    ['__proto__:x:5:5:::\n', [['__proto__', 5]]],
    ['a:x:7', [['a', 7]]],
  ])('hostile: %j', (text, expected) => {
    expect([...parsePasswd(text)]).toEqual(expected)
  })

  it('never throws and gives whole uids only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const [name, uid] of parsePasswd(text)) {
          expect(name).not.toBe('')
          expect(Number.isSafeInteger(uid) && uid >= 0).toBe(true)
        }
      }),
    )
  })
})
