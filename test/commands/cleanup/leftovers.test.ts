import { mkdirSync, mkdtempSync, openSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { leftoverFinding, overdueSecondsOf } from '../../../src/commands/cleanup/leftover.ts'
import { bundle } from '../../support/bundle.ts'
import { ran } from '../../support/healing.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const top = tempFolder('leftovers')
const program = bundle('../src/cli.ts', top)
const daySeconds = 86_400

const place = (config: string) => {
  const folder = mkdtempSync(join(top, 'place-'))
  const tmp = join(folder, 'tmp')
  mkdirSync(tmp)
  writeFileSync(join(folder, 'config.yaml'), config.replaceAll('TMP', tmp), { mode: 0o600 })
  return {
    tmp,
    make(name: string, daysOld: number, content = 'x') {
      writeFileSync(join(tmp, name), content)
      const seconds = Date.now() / 1000 - daysOld * daySeconds
      utimesSync(join(tmp, name), seconds, seconds)
    },
    async check() {
      const { stdout } = await ran([
        ...[process.execPath, program, 'check', '--json', '-c', join(folder, 'config.yaml')],
        ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')],
      ])
      const document = JSON.parse(stdout)
      expect(validateDocument(document)).toEqual([])
      return document.findings.filter(({ check }: { check: string }) => check === 'cleanup')
    },
  }
}

describe('what cleanup-tmp left, in check', () => {
  it('is a warning when it is stale for more than a day, and gone once it is removed', async () => {
    const { tmp, make, check } = place(
      'cleanup: [ { path: TMP, age_by: mtime, older_than: 1h, match: "*.ts", keep_open: false } ]\n',
    )
    make('a.ts', 3, '12345')
    make('b.ts', 1, '1')
    make('kept.txt', 9)
    const [finding] = await check()
    expect(finding).toMatchObject({ status: 'warning', value: 6, unit: 'bytes', item: tmp })
    expect(finding.message).toMatch(/6 B in 2 files, stale for 2d 23h/)
    make('a.ts', 0)
    // Not remembered, since it was bad.
    expect(await check()).toMatchObject([{ status: 'ok', value: 1 }])
    // But this is, for ten minutes.
    make('a.ts', 3)
    expect(await check()).toMatchObject([{ status: 'ok', value: 1 }])
  })

  it('is not what a process has open, what bounds keep, or what is not there', async () => {
    const { tmp, make, check } = place(`cleanup:
  - { path: TMP, age_by: mtime, match: open }
  - { path: TMP, age_by: mtime, match: "n*", keep_newest: 1, keep_open: false }
  - { path: TMP/none }
`)
    make('open', 9)
    openSync(join(tmp, 'open'), 'r')
    make('n1', 9)
    expect(await check()).toMatchObject([
      { status: 'ok', item: tmp, value: 0 },
      { status: 'ok', item: `${tmp} (cleanup[1])`, value: 0 },
      { status: 'ok', item: join(tmp, 'none'), value: 0 },
    ])
  })

  it('a rule that cleanup-tmp refuses is a warning', async () => {
    // By its name alone it would be no config.
    symlinkSync('/usr', join(top, 'to-usr'))
    const path = join(top, 'to-usr')
    expect(await place(`cleanup: [ { path: ${path} } ]\n`).check()).toMatchObject([
      { status: 'warning', message: expect.stringMatching(/will not be cleaned: .*folder of the system/) },
    ])
  })

  it('without rules nothing is said', async () => {
    expect(await place('').check()).toEqual([])
  })
})

describe('when it is too long ago', () => {
  it('three times the age of the rule, and a day after it at least', () => {
    const of = (olderThanMs: number, staleSeconds: number) =>
      leftoverFinding({
        ...{ path: '/x', item: '/x', atMs: 1e12, files: 1, bytes: 1, complete: true, refused: null },
        ...{ staleSinceMs: 1e12 - staleSeconds * 1000, overdueSeconds: overdueSecondsOf(olderThanMs) },
      }).status
    expect([of(3_600_000, daySeconds), of(3_600_000, daySeconds + 1)]).toEqual(['ok', 'warning'])
    expect([of(7 * 86_400_000, 14 * daySeconds), of(7 * 86_400_000, 14 * daySeconds + 1)]).toEqual([
      'ok',
      'warning',
    ])
  })
})
