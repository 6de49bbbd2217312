import { describe, expect, it } from 'vitest'
import { parseJournaldConf } from '../../src/parse/journald-conf.ts'
import { type ConfFile, dropInOrder, effectiveConf, effectiveOf } from '../../src/plan/journal-effective.ts'
import {
  dropInPath,
  dropInText,
  isOurDropIn,
  limitFaults,
  limitStates,
  withDropIn,
} from '../../src/plan/journal-limits.ts'

const file = (path: string, ...lines: string[]): ConfFile => ({
  path,
  assignments: parseJournaldConf(['[Journal]', ...lines].join('\n')),
})

const main = file('/etc/systemd/journald.conf', 'SystemMaxUse=1G', 'Bogus=1', 'RuntimeMaxUse=5x')

describe('which files count', () => {
  it('by name over all folders; a name in a stronger folder hides it in the others', () => {
    expect(
      dropInOrder([
        { folder: '/etc/d', names: ['20-b.conf', '10-a.conf', 'README'] },
        { folder: '/run/d', names: [] },
        { folder: '/usr/lib/d', names: ['10-a.conf', '15-c.conf', 'Z.conf', 'a.conf'] },
      ]),
    ).toEqual([
      '/etc/d/10-a.conf',
      '/usr/lib/d/15-c.conf',
      '/etc/d/20-b.conf',
      '/usr/lib/d/Z.conf',
      '/usr/lib/d/a.conf',
    ])
  })

  it('the last assignment holds, an empty one resets, what journald skips is told', () => {
    const conf = effectiveConf([
      main,
      file('/etc/d/10.conf', 'SystemMaxUse=2G', 'RateLimitInterval=5s'),
      file('/etc/d/20.conf', 'RateLimitIntervalSec='),
    ])
    expect(effectiveOf(conf, 'SystemMaxUse')).toEqual({ value: '2G', source: '/etc/d/10.conf' })
    expect(effectiveOf(conf, 'RateLimitIntervalSec')).toBeNull()
    expect(effectiveOf(conf, 'RuntimeMaxUse')).toBeNull()
    expect(conf.ignored).toMatchObject([
      { key: 'Bogus', why: 'unknown-key', line: 3 },
      { key: 'RuntimeMaxUse', why: 'bad-value', line: 4, path: '/etc/systemd/journald.conf' },
    ])
  })
})

describe('our drop-in', () => {
  const text = dropInText({ SystemMaxUse: '500M' })

  it('is known by its first line', () => {
    expect(isOurDropIn(text)).toBe(true)
    expect(isOurDropIn('[Journal]\nSystemMaxUse=500M\n')).toBe(false)
  })

  it('is read after the main file and lower names, before higher ones, and once', () => {
    const [low, high] = [
      file('/etc/systemd/journald.conf.d/10.conf'),
      file('/usr/lib/systemd/journald.conf.d/99.conf'),
    ]
    const old = file(dropInPath, 'SystemMaxUse=1M')
    expect(withDropIn([main, low, old, high], text).map(({ path }) => path)).toEqual([
      main.path,
      low.path,
      dropInPath,
      high.path,
    ])
    expect(withDropIn([main, old], null)).toEqual([main])
    expect(withDropIn([], text)).toHaveLength(1)
  })
})

describe('limitFaults', () => {
  it('names the file that overrides, by value and not by spelling', () => {
    const wanted = { SystemMaxUse: '500M', MaxRetentionSec: '1week', RuntimeMaxUse: '' }
    const late = file('/etc/systemd/journald.conf.d/99.conf', 'SystemMaxUse=4G', 'MaxRetentionSec=7d')
    const states = limitStates(withDropIn([main, late], dropInText(wanted)), wanted)
    expect(limitFaults(states, 252)).toEqual([
      { kind: 'overridden', key: 'SystemMaxUse', wanted: '500M', effective: '4G', source: late.path },
    ])
  })

  it('says what this version does not know; an unknown version is not blamed', () => {
    const wanted = { ForwardToSocket: 'vsock:2:1234' }
    const states = limitStates(withDropIn([], dropInText(wanted)), wanted)
    expect(limitFaults(states, 252)).toEqual([
      { kind: 'too-old', key: 'ForwardToSocket', since: 256, version: 252 },
    ])
    expect(limitFaults(states, 256)).toEqual([])
    expect(limitFaults(states, null)).toEqual([])
  })

  it('keys that are set and not wanted are shown, and no fault', () => {
    const states = limitStates([main], {})
    expect(states).toEqual([{ key: 'SystemMaxUse', effective: '1G', source: main.path, wanted: null }])
    expect(limitFaults(states, 252)).toEqual([])
  })
})
