import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LastCheck } from '../../src/core/seen.ts'
import type { CheckResult, ServiceResult } from '../../src/core/service.ts'
import { makeSave } from '../../src/host/save.ts'
import { statusDocument } from '../../src/report/status-document.ts'
import { statusText } from '../../src/report/status-text.ts'
import { lastCheckPaths, lastCheckText, writeLastCheck } from '../../src/store/last-check.ts'
import { readLastCheck } from '../../src/store/read-last-check.ts'
import { sealJson } from '../../src/store/sealed-json.ts'
import { anyResult } from '../report/any-result.ts'
import { finding } from '../report/samples.ts'
import { liveBase } from '../support/bases.ts'
import { validateDocument } from '../support/schema.ts'
import { serviceFacts } from '../support/service-facts.ts'
import { memoryFolder } from '../support/temp-folder.ts'

const top = memoryFolder('last-check')
const save = makeSave(liveBase, () => 0)
let count = 0

const folder = (): string => {
  const path = join(top, String(count++))
  mkdirSync(path, { mode: 0o750 })
  return path
}

const readText = (text: string) => {
  const stateDir = folder()
  writeFileSync(lastCheckPaths(stateDir)[0], text, { mode: 0o640 })
  return readLastCheck(save, stateDir)
}

const seenOf = (text: string): LastCheck => {
  const read = readText(text)
  if (read.kind !== 'value') throw new Error(JSON.stringify(read))
  return read.value
}

const service = (name: string, more: Partial<ServiceResult> = {}): ServiceResult => ({
  facts: serviceFacts({ name }),
  status: 'ok',
  findings: [],
  failedChecks: 0,
  action: null,
  ...more,
})

const result = (services: ServiceResult[], more: Partial<CheckResult> = {}): CheckResult => ({
  hostname: 'box',
  startedAtMs: 5000,
  finishedAtMs: 6000,
  status: 'ok',
  findings: [],
  services,
  biggestProcesses: [],
  biggestNames: [],
  ownFindings: [],
  ...more,
})

describe('what the last check saw', () => {
  it('is read as it was written, without what is well', () => {
    const bad = finding('memory', 'level', 'critical', {
      value: 97,
      unit: 'percent',
      args: { totalBytes: 100 },
    })
    const fine = finding('state', 'running', 'ok')
    const host = finding('disks', 'level', 'warning', { item: '/tmp' })
    const seen = seenOf(
      lastCheckText(
        result([service('web', { status: 'critical', findings: [fine, bad], failedChecks: 2 })], {
          findings: [host],
        }),
        null,
      ),
    )
    expect(seen.host).toEqual({ atMs: 5000, status: 'warning', findings: [host] })
    expect(seen.services).toHaveLength(1)
    expect(seen.services[0]).toMatchObject({
      atMs: 5000,
      status: 'critical',
      failedChecks: 2,
      findings: [bad],
    })
    expect(seen.services[0]?.facts).toEqual({ ...serviceFacts(), pids: [] })
  })

  it('is written in turn, in place: whatever becomes of a write, the record before it is whole', () => {
    const stateDir = folder()
    const [first, second] = lastCheckPaths(stateDir)
    const write = (startedAtMs: number, count: number): void => {
      const services = Array.from({ length: count }, (_, i) => service(`s${i}`))
      writeLastCheck(save, stateDir, result(services, { startedAtMs }), null)
    }
    const seen = () => {
      const read = readLastCheck(save, stateDir)
      return read.kind === 'value' ? [read.value.host.atMs, read.value.services.length] : read.kind
    }
    for (const [atMs, count] of [
      [1000, 5],
      [2000, 4],
      // The clock was set back, and it is shorter than what it is written over.
      [500, 2],
      [600, 9],
    ] as const) {
      write(atMs, count)
      expect(seen()).toEqual([atMs, count])
    }
    const newest = readFileSync(second)
    for (let at = 0; at < newest.length - 1; at += 11) {
      writeFileSync(second, newest.subarray(0, at))
      expect(seen()).toEqual([500, 2])
    }
    write(700, 3)
    expect(seen()).toEqual([700, 3])
    expect(statSync(first).size + statSync(second).size).toBeLessThan(20_000)
  })

  it('keeps the others when only some were looked at', () => {
    const before = seenOf(lastCheckText(result([service('web'), service('db')], { startedAtMs: 1000 }), null))
    const seen = seenOf(lastCheckText(result([service('web')]), before))
    expect(seen.services.map(({ facts, atMs }) => [facts.name, atMs])).toEqual([
      ['web', 5000],
      ['db', 1000],
    ])
  })

  it('stays small: findings of 500 services with long words', () => {
    const long = finding('probes', 'failed', 'critical', {
      item: 'x'.repeat(250),
      args: { detail: 'y'.repeat(5000) },
    })
    const services = Array.from({ length: 700 }, (_, i) =>
      service(`service-${i}`, { findings: Array.from({ length: 20 }, () => long) }),
    )
    const text = lastCheckText(result(services), null)
    expect(text.length).toBeLessThan(2 * 1024 * 1024)
    expect(seenOf(text).services).toHaveLength(500)
  })

  it('is absent without a file, and failed for what is broken, newer or not ours', () => {
    expect(readLastCheck(save, folder()).kind).toBe('absent')
    const good = lastCheckText(result([service('web')]), null)
    for (let at = 0; at < good.length - 1; at += 7) expect(readText(good.slice(0, at)).kind).toBe('failed')
    const flipped = good.replace('"usedBytes":0', '"usedBytes":1')
    expect(readText(flipped)).toMatchObject({ kind: 'failed', detail: 'its checksum is wrong' })
    expect(readText(sealJson({ version: 2, host: null }))).toMatchObject({
      detail: 'it is of another version',
    })
    for (const text of ['', 'x', '[]', 'null', '{}', '{"version":1}', '{"version":1,"host":{"atMs":"x"}}'])
      expect(readText(text).kind).toBe('failed')
    const linked = folder()
    symlinkSync('/etc/passwd', lastCheckPaths(linked)[0])
    expect(readLastCheck(save, linked).kind).toBe('failed')
  })

  it('leaves out what is not whole', () => {
    const good = JSON.parse(lastCheckText(result([service('web')]), null))
    const [web] = good.services
    const broken = [
      null,
      {},
      { ...web, status: 'fine' },
      { ...web, atMs: 'now' },
      { ...web, action: {} },
      { ...web, facts: { ...web.facts, name: 7 } },
      { ...web, facts: { ...web.facts, memory: { kind: 'value', value: { usedBytes: 'much' } } } },
      { ...web, facts: { ...web.facts, threads: { kind: 'value', value: null } } },
      { ...web, facts: { ...web.facts, target: { type: 'unit' } } },
    ]
    const findings = [null, {}, { ...finding('memory', 'level', 'critical'), value: 'x' }]
    const text = sealJson({ version: 1, host: { ...good.host, findings }, services: [...broken, web] })
    const seen = seenOf(text)
    expect(seen.services.map(({ facts }) => facts.name)).toEqual(['web'])
    expect(seen.host.findings).toEqual([])
  })

  it('of any check there is can be read, shown and made a document of', () => {
    fc.assert(
      fc.property(anyResult, fc.constantFrom(40, 80, 120), (any, columns) => {
        const seen = seenOf(lastCheckText(any, null))
        const services = seen.services.map((one) => ({
          seen: one,
          status: one.status,
          isOld: false,
          points: [],
          verdict: null,
          restartsToday: 0,
          lastAction: null,
          culprit: null,
        }))
        const report = {
          hostname: any.hostname,
          nowMs: 1_800_000_000_000,
          status: any.status,
          seen: { host: seen.host, isOld: false, oldAfterMs: 60_000, everyMs: null },
          trouble: null,
          services,
          jobs: [],
        }
        const head = {
          ...{ schema: 'oratio-health/status@1', version: '0', host: 'box', exitCode: 0, status: 'ok' },
          ...{ startedAt: '2026-01-31T03:00:00.000Z', finishedAt: '2026-01-31T03:00:00.000Z' },
        }
        expect(
          validateDocument(JSON.parse(JSON.stringify({ ...head, ...statusDocument(report).body }))),
        ).toEqual([])
        const text = statusText(report, {
          columns,
          color: false,
          verbose: true,
          glyphs: 'unicode',
          rows: null,
        })
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/)
      }),
      { numRuns: 200 },
    )
  })
})
