import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { failAgain, type Run } from '../../../src/commands/cleanup/remove.ts'
import { value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import { makeTree } from '../../../src/host/tree.ts'
import { liveBase } from '../../support/bases.ts'
import { bundle } from '../../support/bundle.ts'
import { bundleWithCalls } from '../../support/bundle-with-calls.ts'
import { cleanUpsBelow, noSave, rule } from '../../support/clean-ups.ts'
import { byMtime, cleanupPlace } from '../../support/cleanup-place.ts'
import { ran } from '../../support/healing.ts'
import { isRoot } from '../../support/needs.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const top = tempFolder('failures-logged')
chmodSync(top, 0o755)
const nobody = 65534
const fast = bundleWithCalls(join(top, 'fast'))
const { filled, clean } = cleanUpsBelow(top)

const logIn = (folder: string): string[] =>
  readdirSync(join(folder, 'log')).flatMap((name) =>
    readFileSync(join(folder, 'log', name), 'utf8')
      .trimEnd()
      .split('\n'),
  )

describe.runIf(isRoot).each([
  ['a sweep', fast, []],
  ['lists, with calls', fast, ['--empty-dirs']],
  ['Node alone', bundle('../src/cli.ts', top), []],
])('by %s', (_, program, more) => {
  it('each that fails is in the log, once, with its path and the cause', async () => {
    const { folder, tmp, make, clean } = cleanupPlace(top, program, '', { uid: nobody })
    const names = Array.from({ length: 60 }, (__, i) => `fixed/f${i}`)
    for (const name of [...names, 'closed/x']) make(name)
    for (const name of ['fixed', 'closed']) chownSync(join(tmp, name), 0, 0)
    chmodSync(join(tmp, 'closed'), 0o700)
    const { document, text } = await clean(tmp, ...byMtime, ...more)
    expect(document).toMatchObject({ removed: 0, failedCount: 61 })
    const log = logIn(folder).filter((line) => line.includes('(EACCES)'))
    expect(log).toHaveLength(61)
    for (const name of [...names, 'closed'])
      expect(log.filter((line) => new RegExp(` WARN ${tmp}/${name}(:| stays:) `).test(line))).toHaveLength(1)
    expect(text).not.toContain('\n    at ')
  })

  it('of thousands the first', async () => {
    const { folder, tmp, make, clean } = cleanupPlace(top, program, '', { uid: nobody })
    make('fixed/')
    for (let i = 0; i < 1003; i++) writeFileSync(join(tmp, `fixed/f${i}`), '')
    execFileSync('sh', ['-c', 'touch -d @0 "$1"/f*', 'sh', join(tmp, 'fixed')])
    chownSync(join(tmp, 'fixed'), 0, 0)
    expect((await clean(tmp, ...byMtime, ...more)).document).toMatchObject({ failedCount: 1003 })
    const log = logIn(folder)
    expect(log.filter((line) => line.includes('(EACCES)'))).toHaveLength(1000)
    expect(log.filter((line) => / WARN and 3 more /.test(line))).toHaveLength(1)
  })

  it('a folder that cannot be opened, and an entry that cannot be looked at, are told three times', async () => {
    const { folder, tmp, make, clean } = cleanupPlace(top, program, '', { uid: nobody })
    for (const name of ['closed/x', 'listed/a', 'listed/b']) make(name)
    for (const [name, mode] of [
      ['closed', 0o700],
      ['listed', 0o744],
    ] as const) {
      chownSync(join(tmp, name), 0, 0)
      chmodSync(join(tmp, name), mode)
    }
    const again = () => clean(tmp, ...byMtime, ...more)
    const { failedCount } = (await again()).document
    // With Node alone such a folder cannot be entered.
    expect(failedCount).toBe(more.length === 0 && program === fast ? 3 : 2)
    for (let i = 0; i < 2; i++)
      expect(await again()).toMatchObject({ code: 2, document: { failedCount, skippedCount: 0 } })
    for (const { error } of (await again()).document.failed) expect(error).toMatch(/as in the runs before$/)
    // Not told any more, and not well either.
    const quiet = await again()
    expect(quiet).toMatchObject({
      code: 2,
      document: { failedCount, failedAgainCount: failedCount, skippedCount: 0 },
    })
    expect(quiet.document.failed).toHaveLength(failedCount)
    const log = logIn(folder).filter((line) => line.includes('(EACCES)'))
    expect(log.filter((line) => line.includes('as in the runs before'))).toHaveLength(failedCount)
    expect(log).toHaveLength(4 * failedCount)
  })

  it('of more than twenty that are told no more nothing is printed in a pipe, and all are listed by --json', async () => {
    const { folder, tmp, make, clean } = cleanupPlace(top, program, '', { uid: nobody })
    for (let i = 0; i < 25; i++) {
      make(`closed${i}/x`)
      chownSync(join(tmp, `closed${i}`), 0, 0)
      chmodSync(join(tmp, `closed${i}`), 0o700)
    }
    const places = ['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')]
    const piped = () =>
      ran([process.execPath, program, 'cleanup-tmp', ...places, tmp, ...byMtime, ...more], { uid: nobody })
    const runs = [await piped(), await piped(), await piped(), await piped(), await piped()]
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2])
    const told = 'WARN and 5 more; the log has them'
    expect(runs.map(({ stderr }) => stderr.includes(told))).toEqual([true, true, true, true, false])
    expect(runs.at(-1)).toMatchObject({ stdout: '', stderr: '' })
    const { document } = await clean(tmp, ...byMtime, ...more)
    expect(document).toMatchObject({ failedCount: 25, failedAgainCount: 25 })
    expect(document.failed).toHaveLength(25)
    // What fails for the first time stands before them.
    chmodSync(join(tmp, 'closed3'), 0o755)
    chownSync(join(tmp, 'closed3/x'), 0, 0)
    const other = await clean(tmp, ...byMtime, ...more)
    expect(other.document.failed[0]?.path).toBe(join(tmp, 'closed3/x'))
  })

  it('a rule that is refused, too; a rehearsal logs nothing, and does not say that it has', async () => {
    const { folder, tmp, make, clean } = cleanupPlace(top, program, 'cleanup: [ { path: TMP/file } ]\n')
    make('file')
    expect((await clean('-n')).code).toBe(2)
    expect(readdirSync(folder)).not.toContain('log')
    await clean()
    expect(logIn(folder)).toEqual([expect.stringContaining(` WARN ${tmp}/file: it is not cleaned: it is no`)])
  })
})

describe('a failure as in the runs before', () => {
  const before = { words: '', cause: 'permission denied (EACCES)', isReported: false }
  const failed = (reason: string) => {
    const noted: string[] = []
    const run = {
      cleaned: { failed: [], failedCount: 0, failedAgain: [], failedAgainCount: 0 },
      failures: {
        leftOut: () => before,
        failed: (_key: string, _path: string, cause: string) => noted.push(cause),
      },
      ...{ failedOfRule: 0, unlogged: [] },
    }
    failAgain(run as unknown as Run, '/srv/closed', reason, '1:2')
    return { noted, unlogged: run.unlogged.length, ...run.cleaned }
  }

  it('for the same cause is counted and listed, and told no more', () => {
    const error = `${before.cause}, as in the runs before`
    expect(failed(before.cause)).toEqual({
      ...{ noted: [], unlogged: 0, failed: [], failedCount: 1 },
      ...{ failedAgain: [{ path: '/srv/closed', error }], failedAgainCount: 1 },
    })
  })

  it('for another cause is a new one', () => {
    const error = 'input/output error (EIO)'
    expect(failed(error)).toEqual({
      ...{ noted: [error], unlogged: 1, failed: [{ path: '/srv/closed', error }], failedCount: 1 },
      ...{ failedAgain: [], failedAgainCount: 0 },
    })
  })
})

describe.runIf(isRoot)('rights that are lost in the middle of a rule with lists', () => {
  it.each([{ emptyDirs: true }, { keepNewest: 1 }, { maxTotalBytes: 0 }])('%j', async (more) => {
    const tmp = filled('a/1', 'b/1', 'b/2', 'c/1')
    onTestFinished(() => void execFileSync('chattr', ['-i', join(tmp, 'b')]))
    const tree = makeTree(liveBase)
    const log: string[] = []
    const cleaned = await clean(rule(tmp, { ...more, keepOpen: false }), [], {
      save: {
        ...noSave,
        append: (_path: string, text: string) => value(log.push(text) > 0),
      } as Host['save'],
      tree: async () => ({
        ...tree,
        *walk(root, options) {
          for (const step of tree.walk(root, options)) {
            // What is in it was seen, and can be removed no more.
            if (step.kind === 'entries' && step.folder.path.endsWith('/b'))
              execFileSync('chattr', ['+i', join(tmp, 'b')])
            yield step
          }
        },
      }),
    })
    for (const { path, error } of cleaned.failed)
      expect([path, error]).toEqual([expect.stringContaining(`${tmp}/b/`), 'operation not permitted (EPERM)'])
    expect(cleaned.failedCount).toBeGreaterThan(0)
    expect(log.join('').match(/\/b\/\d: operation not permitted \(EPERM\)/g)).toHaveLength(
      cleaned.failedCount,
    )
    expect(readdirSync(join(tmp, 'b')).sort()).toEqual(['1', '2'])
    expect(cleaned.removed).toBeGreaterThan(0)
  })
})
