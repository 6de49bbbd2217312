import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readJournaldConf } from '../../src/commands/journal/read-conf.ts'
import { effectiveConf, effectiveOf } from '../../src/plan/journal-effective.ts'
import { isJournalValue, journalKeyOf } from '../../src/plan/journal-values.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tempHost } from './temp-host.ts'

const top = tempFolder('journal-read-conf')
let count = 0

/** What holds for SystemMaxUse, and the files that were read for it. */
const read = (files: Record<string, string>, links: Record<string, string> = {}) => {
  const root = join(top, `host-${count++}`)
  mkdirSync(root)
  const host = tempHost(root, { files })
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    symlinkSync(target, join(root, path))
  }
  const reading = readJournaldConf(host)
  if (reading.kind !== 'value') throw new Error(JSON.stringify(reading))
  return {
    paths: reading.value.map(({ path }) => path),
    holds: effectiveOf(effectiveConf(reading.value), 'SystemMaxUse'),
  }
}

const use = (size: string): string => `[Journal]\nSystemMaxUse=${size}\n`

// The strongest first; /lib is what systemd 241 to 254 read where it is no link to /usr/lib.
const folders = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((base) => `${base}/systemd`)

describe('the files of journald, systemd 241 to 260', () => {
  it.each(folders.map((folder, i) => [folder, i] as const))(
    'main file and drop-ins in %s hide those of weaker folders',
    (folder, i) => {
      const weaker = folders.slice(i)
      const mains = weaker.map((one, j) => [`${one}/journald.conf`, use(`${j + 1}M`)])
      expect(read(Object.fromEntries(mains)).holds).toEqual({
        value: '1M',
        source: `${folder}/journald.conf`,
      })
      const dropIns = weaker.map((one, j) => [`${one}/journald.conf.d/50-a.conf`, use(`${j + 1}G`)])
      const both = read(Object.fromEntries([...mains, ...dropIns]))
      expect(both.paths).toEqual([`${folder}/journald.conf`, `${folder}/journald.conf.d/50-a.conf`])
      expect(both.holds).toEqual({ value: '1G', source: `${folder}/journald.conf.d/50-a.conf` })
    },
  )

  it('a later name wins, whatever the folder', () => {
    const late = '/usr/lib/systemd/journald.conf.d/95-vendor.conf'
    const { holds } = read({
      '/etc/systemd/journald.conf.d/90-oratio-health.conf': use('1G'),
      [late]: use('4G'),
    })
    expect(holds).toEqual({ value: '4G', source: late })
  })

  it('without any file the defaults hold', () => {
    expect(read({})).toEqual({ paths: [], holds: null })
  })

  it('a main file that is a link to /dev/null hides the one of the package', () => {
    const found = read(
      { '/usr/lib/systemd/journald.conf': use('1G') },
      { '/etc/systemd/journald.conf': '/dev/null' },
    )
    expect(found).toEqual({ paths: ['/etc/systemd/journald.conf'], holds: null })
  })

  it('where /lib is a link to /usr/lib, nothing is read twice', () => {
    const path = '/usr/lib/systemd/journald.conf.d/10-a.conf'
    expect(read({ [path]: use('1G') }, { '/lib': 'usr/lib' }).paths).toEqual([path])
  })
})

describe('the keys of journald', () => {
  // journald-gperf.gperf of version 260, with a value that each takes.
  it.each([
    ['Storage', 'persistent'],
    ['Compress', '4K'],
    ['Seal', 'no'],
    ['ReadKMsg', 'yes'],
    ['Audit', 'no'],
    ['SyncIntervalSec', '5m'],
    ['RateLimitInterval', '30s'],
    ['RateLimitIntervalSec', '30s'],
    ['RateLimitBurst', '10000'],
    ['SystemMaxUse', '1G'],
    ['SystemMaxFileSize', '128M'],
    ['SystemKeepFree', '1G'],
    ['SystemMaxFiles', '100'],
    ['RuntimeMaxUse', '64M'],
    ['RuntimeMaxFileSize', '8M'],
    ['RuntimeKeepFree', '1G'],
    ['RuntimeMaxFiles', '100'],
    ['MaxRetentionSec', '1month'],
    ['MaxFileSec', '1week'],
    ['ForwardToSyslog', 'no'],
    ['ForwardToKMsg', 'no'],
    ['ForwardToConsole', 'no'],
    ['ForwardToWall', 'no'],
    ['ForwardToSocket', 'vsock:2:1234'],
    ['TTYPath', '/dev/console'],
    ['MaxLevelStore', 'debug'],
    ['MaxLevelSyslog', 'debug'],
    ['MaxLevelKMsg', 'notice'],
    ['MaxLevelConsole', 'info'],
    ['MaxLevelWall', 'emerg'],
    ['MaxLevelSocket', 'debug'],
    ['SplitMode', 'uid'],
    ['LineMax', '48K'],
  ])('%s=%s is known', (key, text) => {
    expect(isJournalValue(key, text)).toBe(true)
  })

  it.each([
    ['Audit', 246],
    ['ForwardToSocket', 256],
    ['MaxLevelSocket', 256],
    ['SystemMaxUse', undefined],
  ])('%s is there since %s', (key, since) => {
    expect(journalKeyOf(key)?.since).toBe(since)
  })
})
