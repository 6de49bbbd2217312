import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compositionIsDue } from '../../src/commands/attribution-due.ts'
import type { RunContext } from '../../src/commands/command.ts'
import { absent, value } from '../../src/core/reading.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import { makeSave } from '../../src/host/save.ts'
import { compositionsPath } from '../../src/store/compositions.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('due')
const nowMs = 1_800_000_000_000
const [minute, hour, day] = [60, 3600, 86_400]

/** Written so many seconds ago; null: never. */
const isDue = (
  agoSeconds: number | null,
  uptimeSeconds: number | null,
  verdict?: 'leak' | 'stable',
): boolean => {
  const stateDir = mkdtempSync(join(top, 'x-'))
  const path = compositionsPath(stateDir, 'app')
  mkdirSync(dirname(path))
  if (agoSeconds !== null) {
    writeFileSync(path, '')
    utimesSync(path, nowMs / 1000 - agoSeconds, nowMs / 1000 - agoSeconds)
  }
  const facts = {
    name: 'app',
    uptimeSeconds: uptimeSeconds === null ? absent('uptime') : value(uptimeSeconds),
    ...(verdict === undefined ? {} : { growth: { verdict } }),
  } as unknown as ServiceFacts
  const context = { host: { save: makeSave(liveBase, () => nowMs), now: () => nowMs }, global: { stateDir } }
  return compositionIsDue(context as unknown as RunContext, facts)
}

describe('compositionIsDue', () => {
  it.each([
    ['never written', null, hour, undefined, true],
    ['of the lifetime before', hour, minute, undefined, true],
    ['of the lifetime before, a minute ago: restarted all the time', minute, 10, undefined, false],
    ['of the lifetime before, five minutes ago', 5 * minute, 10, undefined, true],
    ['just written', 30, hour, undefined, false],
    ['a young one: after a minute', minute, 2 * minute, undefined, true],
    ['not yet half as old again', 10 * minute, hour, undefined, false],
    ['half as old again', 20 * minute, hour, undefined, true],
    ['an old one: once a day', 23 * hour, 30 * day, undefined, false],
    ['an old one: once a day', day, 30 * day, undefined, true],
    ['an old one that grows: every ten minutes', 10 * minute, 30 * day, 'leak', true],
    ['an old one that does not', 10 * minute, 30 * day, 'stable', false],
    ['of an age nobody knows: once an hour', hour, null, undefined, true],
    ['of an age nobody knows', 30 * minute, null, undefined, false],
    ['written in the future, before the clock was set back', -hour, day, undefined, true],
  ] as const)('%s', (_, ago, uptime, verdict, expected) => {
    expect(isDue(ago, uptime, verdict)).toBe(expected)
  })
})
