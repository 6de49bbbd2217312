import { expect, it } from 'vitest'
import { failureWords } from '../../src/report/failure-words.ts'

it.each([
  ['EIO: i/o error', 'see the kernel log (dmesg)'],
  ['structure needs cleaning (EUCLEAN)', 'see the kernel log (dmesg)'],
  ['no space left on device (ENOSPC)', 'free some space there'],
  ['read-only file system (EROFS)', 'remount it writable, or choose another folder'],
  ['is not there', null],
  ['no such file or directory (ENOENT)', null],
  ['cmd/df.json has no entry', null],
])('of "%s" the mend is %j', (detail, mend) => {
  expect(failureWords('io', '/x', detail).mend).toBe(mend)
})
