import { mkdirSync, mkdtempSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Leftover, leftoverFinding, overdueSecondsOf } from '../../../src/commands/cleanup/leftover.ts'
import { bundle } from '../../support/bundle.ts'
import { ran } from '../../support/healing.ts'
import { isRoot } from '../../support/needs.ts'
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
    /** @param around a shell script that runs the check as "$@" and has the folder as $tmp */
    async check(around = 'exec "$@"') {
      const { stdout } = await ran([
        // In a pid namespace of its own, all of which root sees.
        ...(isRoot ? ['unshare', '--pid', '--fork', '--mount-proc'] : []),
        ...['sh', '-c', `tmp=$1; shift; ${around}`, 'sh', tmp],
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
    make('open', 9, '12345')
    make('n1', 9)
    expect(await check('exec 3<"$tmp/open"; "$@"')).toMatchObject([
      { status: 'ok', item: tmp, value: 0 },
      { status: 'ok', item: `${tmp} (cleanup[1])`, value: 0 },
      { status: 'ok', item: join(tmp, 'none'), value: 0 },
    ])
  })

  it.runIf(isRoot)('what is open and what is not beside it are told apart', async () => {
    const { make, check } = place('cleanup: [ { path: TMP, age_by: mtime } ]\n')
    make('open', 9, '12345')
    make('free', 9, '1')
    const finding = { status: 'warning', value: 1 }
    expect(await check('exec 3<"$tmp/open"; "$@"')).toMatchObject([finding])
  })

  it.runIf(isRoot)('is unknown where it cannot be seen what is open, once that matters', async () => {
    // The shell has a right that the check has not, so it is not shown what that has open.
    const blind = 'setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace "$@"; exit $?'
    for (const [days, status, words] of [
      [0, 'ok', / none$/],
      [2, 'ok', /at most 1 B in 1 file, stale for 1d/],
      [9, 'unknown', /not known: what process 1 has open cannot be seen; at most 1 B in 1 file/],
    ] as const) {
      const { make, check } = place('cleanup: [ { path: TMP, age_by: mtime } ]\n')
      make('a', days)
      expect(await check(blind)).toMatchObject([{ status, message: expect.stringMatching(words) }])
    }
  })

  it('a rule that cleanup-tmp refuses is a warning', async () => {
    // By its name alone it would be no config.
    symlinkSync('/usr', join(top, 'to-usr'))
    const path = join(top, 'to-usr')
    expect(await place(`cleanup: [ { path: ${path} } ]\n`).check()).toMatchObject([
      { status: 'warning', message: expect.stringMatching(/will not be cleaned: .*folder of the system/) },
    ])
  })

  it('one that cannot be judged just now is unknown', async () => {
    expect(await place('cleanup: [ { path: TMP, users: [nobody-such] } ]\n').check()).toMatchObject([
      {
        status: 'unknown',
        message: expect.stringContaining('not known: /etc/passwd has no user nobody-such'),
      },
    ])
  })

  it('without rules nothing is said', async () => {
    expect(await place('').check()).toEqual([])
  })
})

/** Of one file, the first of which is stale for so long. */
const found = (staleSeconds: number | null, more: Partial<Leftover> = {}) =>
  leftoverFinding({
    ...{ path: '/x', item: '/x', atMs: 1e12, files: 1, bytes: 1, complete: true, refused: null },
    ...{ skipped: null, unread: null, openUnseen: null, overdueSeconds: daySeconds },
    staleSinceMs: staleSeconds === null ? null : 1e12 - staleSeconds * 1000,
    ...more,
  })

describe('what could not be looked at', () => {
  it('is unknown, unless what could is a warning already', () => {
    const unread = '/x/y: input/output error (EIO)'
    for (const seconds of [null, 5])
      expect(found(seconds, { unread })).toMatchObject({
        status: 'unknown',
        code: 'unseen',
        args: { reason: unread },
      })
    expect(found(2 * daySeconds, { unread })).toMatchObject({ status: 'warning', args: { atLeast: 1 } })
    const openUnseen = 'what process 7 has open cannot be seen'
    expect(found(2 * daySeconds, { unread, openUnseen })).toMatchObject({ status: 'unknown' })
  })

  it('by design is told as such, and is no figure', () => {
    expect(found(null, { skipped: 'a server' })).toMatchObject({ status: 'ok', code: 'skipped', value: null })
  })
})

describe('when it is too long ago', () => {
  it('three times the age of the rule, and a day after it at least', () => {
    const of = (olderThanMs: number, staleSeconds: number) =>
      found(staleSeconds, { overdueSeconds: overdueSecondsOf(olderThanMs) }).status
    expect([of(3_600_000, daySeconds), of(3_600_000, daySeconds + 1)]).toEqual(['ok', 'warning'])
    expect([of(7 * 86_400_000, 14 * daySeconds), of(7 * 86_400_000, 14 * daySeconds + 1)]).toEqual([
      'ok',
      'warning',
    ])
  })
})
