import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLast, uncleanBoots } from '../../src/parse/last.ts'

// `last -x -F` of util-linux 2.38, the newest first.
const text = `reboot   system boot  6.1.0-28-amd64   Thu Nov 26 10:00:00 2026   still running
reboot   system boot  6.1.0-28-amd64   Wed Nov 25 09:00:00 2026 - crash
shutdown system down  6.1.0-28-amd64   Wed Nov 25 08:59:00 2026 - Wed Nov 25 09:00:00 2026  (00:01)
reboot   system boot  6.1.0-28-amd64   Tue Nov  3 07:00:00 2026 - Wed Nov 25 08:59:00 2026  (22+01:59)

wtmp begins Tue Nov  3 07:00:00 2026
`

describe('parseLast', () => {
  it('boots and shutdowns, the oldest first; a boot after a boot was unclean', () => {
    const records = parseLast(text)
    expect(records.map(({ kind }) => kind)).toEqual(['boot', 'shutdown', 'boot', 'boot'])
    expect(uncleanBoots(records)).toEqual([{ kind: 'boot', atMs: new Date(2026, 10, 26, 10).getTime() }])
  })

  it.each([
    '',
    'root pts/0 10.0.0.1 Thu Nov 26 10:00:00 2026',
    'reboot system boot x Thu Xyz 26 10:00:00 2026',
  ])('%j: none', (line) => {
    expect(parseLast(line)).toEqual([])
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (any) => void uncleanBoots(parseLast(any))))
  })
})
