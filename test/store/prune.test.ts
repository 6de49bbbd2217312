import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayStamp } from '../../src/core/stamp.ts'
import { makeSave } from '../../src/host/save.ts'
import { leftoversToPrune, logsToPrune, type OwnFile, prune, pruneIsDue } from '../../src/store/prune.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const nowMs = new Date(2026, 2, 1, 12, 0, 0).getTime()
const dayMs = 86_400_000
const bounds = { maxAgeDays: 30, maxTotalBytes: 1000 }

const file = (name: string, sizeBytes = 1, modifiedAtMs = nowMs): OwnFile => ({
  name,
  sizeBytes,
  modifiedAtMs,
})
const healthLog = (daysAgo: number): string => `health_${dayStamp(nowMs - daysAgo * dayMs)}.log`

describe('logsToPrune', () => {
  it('by age: the thirtieth day stays, the one before it goes', () => {
    expect(
      logsToPrune(
        [0, 1, 29, 30, 31, 400].map((days) => file(healthLog(days))),
        nowMs,
        bounds,
      ),
    ).toEqual([healthLog(400), healthLog(31)])
  })

  it('investigations go by their day, also the second of one second', () => {
    const names = ['investigation_20250101_030000.txt', 'investigation_20250101_030000-2.txt']
    expect(
      logsToPrune(
        names.map((name) => file(name)),
        nowMs,
        bounds,
      ).sort(),
    ).toEqual([...names].sort())
    expect(logsToPrune([file('investigation_20250101_030000-x.txt')], nowMs, bounds)).toEqual([])
  })

  it('investigations of every format go by age and by size, with the logs', () => {
    const name = (daysAgo: number, ending: string): string =>
      `investigation_${dayStamp(nowMs - daysAgo * dayMs)}_030000.${ending}`
    for (const ending of ['txt', 'md', 'json', 'html']) {
      const aged = [file(name(31, ending)), file(name(30, ending)), file(name(0, ending))]
      expect(logsToPrune(aged, nowMs, bounds)).toEqual([name(31, ending)])
      const large = [file(name(2, ending), 600), file(healthLog(1), 300), file(name(1, ending), 600)]
      expect(logsToPrune(large, nowMs, bounds)).toEqual([name(2, ending)])
    }
    expect(logsToPrune([file(name(400, 'txt.gz')), file(name(400, 'pdf'))], nowMs, bounds)).toEqual([])
  })

  it('by size: the oldest until the rest fits, and not one more', () => {
    const files = [
      file(healthLog(1), 400),
      file(healthLog(3), 400),
      file(healthLog(2), 400),
      file(healthLog(0), 200),
    ]
    expect(logsToPrune(files, nowMs, bounds)).toEqual([healthLog(3)])
    expect(logsToPrune(files, nowMs, { ...bounds, maxTotalBytes: 1400 })).toEqual([])
    expect(logsToPrune(files, nowMs, { ...bounds, maxTotalBytes: 599 })).toEqual(
      [healthLog(3), healthLog(2)].concat(healthLog(1)),
    )
  })

  it('never what is of today, however large', () => {
    const today = dayStamp(nowMs)
    const files = [file(`health_${today}.log`, 5000), file(`investigation_${today}_000000.txt`, 5000)]
    expect(logsToPrune(files, nowMs, { ...bounds, maxAgeDays: 0 })).toEqual([])
  })

  it('every dated name of the contract is ours', () => {
    const names = [
      'cleanup_20200101.log',
      'health_20200101.log',
      'journal_20200101.log',
      'limits_20200101.log',
      'orphans_20200101.log',
    ]
    const report = 'investigation_20200101_235959.txt'
    expect(
      logsToPrune(
        [...names, report].map((name) => file(name)),
        nowMs,
        bounds,
      ).sort(),
    ).toEqual([...names, report].sort())
  })

  it.each([
    'restart_history.log',
    'syslog',
    'health_20200101.log.1.gz',
    'myhealth_20200101.log',
    'health_2020-01-01.log',
    'health_20200101.txt',
    'investigation_20200101.txt',
    'health_20200101.log\n',
    'other_20200101.log',
    '',
  ])('%j is not, and its size does not count', (name) => {
    expect(logsToPrune([file(name, 10_000), file(healthLog(1), 999)], nowMs, bounds)).toEqual([])
  })

  it('property: what goes is the oldest, and the rest fits or is of today', () => {
    const some = fc.array(fc.tuple(fc.nat(60), fc.nat(500)), { maxLength: 20 })
    fc.assert(
      fc.property(some, (entries) => {
        const files = [
          ...new Map(entries.map(([days, bytes]) => [days, file(healthLog(days), bytes)])).values(),
        ]
        const gone = new Set(logsToPrune(files, nowMs, bounds))
        const kept = files.filter(({ name }) => !gone.has(name))
        expect(
          [...gone].every((name) => kept.every((other) => name < other.name || other.name === healthLog(0))),
        ).toBe(true)
        const rest = kept.filter(({ name }) => name !== healthLog(0))
        const total = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        expect(rest.length === 0 || total <= bounds.maxTotalBytes).toBe(true)
      }),
    )
  })
})

describe('leftoversToPrune', () => {
  it('temporary files of ours that are older than a day', () => {
    const old = nowMs - dayMs - 1
    const files = [
      file('.state.json.4242-k3j9x2ab.tmp', 1, old),
      file('.check.lock.7-a.tmp', 1, old),
      file('.state.json.4243-k3j9x2ab.tmp', 1, nowMs - dayMs),
      file('state.json', 1, old),
      file('.state.json.tmp', 1, old),
      file('.vimrc', 1, old),
    ]
    expect(leftoversToPrune(files, nowMs)).toEqual(['.state.json.4242-k3j9x2ab.tmp', '.check.lock.7-a.tmp'])
  })
})

describe('pruneIsDue', () => {
  it('on the first run of a local day', () => {
    const at = (hour: number, day = 1) => new Date(2026, 2, day, hour).getTime()
    expect([pruneIsDue(null, at(3)), pruneIsDue(at(0), at(23)), pruneIsDue(at(23), at(0, 2))]).toEqual([
      true,
      false,
      true,
    ])
  })
})

describe('prune', () => {
  const top = tempFolder('prune')
  const save = makeSave(liveBase, () => nowMs)

  it('removes what is due from both folders and nothing else', () => {
    const [logDir, stateDir] = [join(top, 'logs'), join(top, 'state')]
    for (const folder of [logDir, stateDir]) {
      mkdirSync(folder)
      for (const name of [healthLog(40), healthLog(1), 'restart_history.log', '.state.json.1-abc.tmp']) {
        writeFileSync(join(folder, name), 'x')
        utimesSync(join(folder, name), 0, 0)
      }
    }
    writeFileSync(join(top, 'victim'), 'mine')
    symlinkSync(join(top, 'victim'), join(logDir, healthLog(50)))
    mkdirSync(join(logDir, healthLog(51)))
    const pruned = prune(save, { logDir, stateDir }, nowMs)
    expect(pruned).toEqual({
      removed: [
        join(logDir, healthLog(40)),
        join(logDir, '.state.json.1-abc.tmp'),
        join(stateDir, '.state.json.1-abc.tmp'),
      ],
      failed: [],
    })
    expect(readdirSync(logDir).sort()).toEqual(
      [healthLog(51), healthLog(50), healthLog(1), 'restart_history.log'].sort(),
    )
    expect(readdirSync(stateDir).sort()).toEqual([healthLog(40), healthLog(1), 'restart_history.log'].sort())
  })

  it('a folder that is not there is fine; one that is no folder is said', () => {
    expect(prune(save, { logDir: join(top, 'none'), stateDir: join(top, 'victim') }, nowMs)).toEqual({
      removed: [],
      failed: [expect.objectContaining({ detail: 'is not a folder' })],
    })
  })
})
