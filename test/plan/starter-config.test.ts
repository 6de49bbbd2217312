import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as yaml from 'yaml'
import { interpret } from '../../src/config/interpret.ts'
import { processPattern } from '../../src/plan/process-pattern.ts'
import {
  memoryLevels,
  type StarterFacts,
  type StarterService,
  starterConfig,
} from '../../src/plan/starter-config.ts'

const mib = 1024 ** 2

const facts = (services: StarterService[], more: Partial<StarterFacts> = {}): StarterFacts => ({
  hostname: 'box',
  madeAt: '2026-01-31 03:00:00',
  example: null,
  totalMemoryBytes: 8192 * mib,
  services,
  notes: [],
  ...more,
})

const service = (more: Partial<StarterService>): StarterService => ({
  name: 'web',
  target: { container: 'web' },
  memoryBytes: 100 * mib,
  limitBytes: null,
  remark: '',
  ...more,
})

const read = (text: string) => {
  const { config, problems } = interpret(yaml, text, {})
  expect(problems).toEqual([])
  return config
}

describe('starterConfig', () => {
  it('names the example of the package where it is', () => {
    expect(starterConfig(facts([]))).toContain(' All keys: oratio-health config schema.\n')
    const example = '/usr/share/doc/oratio-health/examples/config.yaml'
    expect(starterConfig(facts([], { example }))).toContain(
      ` All keys: ${example}, oratio-health config schema.\n`,
    )
  })

  it('is a valid config also when nothing runs', () => {
    const text = starterConfig(facts([]))
    expect(Object.keys(read(text)?.services ?? {})).toEqual([])
    expect(text).toMatch(/^[^\n]*made 2026-01-31 03:00:00/)
  })

  it('names what runs, with thresholds to start from', () => {
    const text = starterConfig(
      facts([
        service({ remark: 'nginx:1.27' }),
        service({ name: 'trader', target: { unit: 'trader.service' }, limitBytes: 6144 * mib }),
        service({ name: 'x.py', target: { process: '(^|[\\s/])x\\.py(\\s|$)' }, memoryBytes: null }),
      ]),
    )
    expect(text).toContain(
      '    container: web # 100.0 MiB now, nginx:1.27\n    memory: { warn: 320M, crit: 640M }\n',
    )
    expect(text).toContain(
      '    unit: trader.service # 100.0 MiB now, limit 6.0 GiB\n    memory: { warn: 85%, crit: 95% }\n',
    )
    const services = read(text)?.services
    expect(services?.web?.target).toEqual({ type: 'container', ref: 'web' })
    expect(services?.trader?.target).toEqual({ type: 'unit', ref: 'trader.service' })
    expect(services?.['x.py']?.target).toMatchObject({ type: 'process', match: '(^|[\\s/])x\\.py(\\s|$)' })
  })

  it('the commented lines are valid once they are uncommented', () => {
    const example = (text: string) =>
      text.replace(/^( *)# (?=( *)(shop|container|memory|restart|notify|remind|targets|-))/gm, '$1')
    const config = read(example(starterConfig(facts([]))))
    expect(Object.keys(config?.services ?? {})).toEqual(['shop'])
    expect(config?.notify.targets).toHaveLength(2)
  })

  it('makes names valid and different', () => {
    const names = ['a b', 'a-b', 'a/b', '…', '', 'x'.repeat(300), '__proto__', 'true', '0']
    const text = starterConfig(facts(names.map((name) => service({ name }))))
    const made = Object.keys(read(text)?.services ?? {})
    expect(made).toHaveLength(names.length)
    expect(made.sort()).toEqual(
      ['0', 'a-b', 'a-b-2', 'a-b-3', 'proto__', 'service', 'service-2', 'true', 'x'.repeat(90)].sort(),
    )
  })

  it('is valid and means what was meant, whatever runs under whatever name', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        'a\nservices:',
        '# x',
        '"',
        "'",
        '\\',
        'foo) Z ',
        '()()())))',
        '- a',
        '? b',
        '!!js',
        '&a',
        '*a',
        '{',
        '%',
        '\u2028',
        '\u0085',
        '$' + '{HOME}',
        'null',
        '\ufeff',
        '\ufffe',
        'a: b',
      ),
    )
    const processes = hostile
      .map((name) => processPattern(`/bin/${name}`))
      .filter((pattern) => pattern !== null)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostile, processes, hostile), { maxLength: 5 }),
        hostile,
        (all, hostname) => {
          const services = all.map(([name, { match }, remark]) =>
            service({ name, target: { process: match }, remark }),
          )
          const config = read(starterConfig(facts(services, { hostname, notes: [hostname] })))
          // Not in their order: an object puts names such as `0` first.
          const matches = Object.values(config?.services ?? {}).map(
            ({ target }) => 'match' in target && target.match,
          )
          expect(matches.sort()).toEqual(all.map(([, { match }]) => match).sort())
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('memoryLevels', () => {
  it.each([
    [100, null, 8192, { warn: '320M', crit: '640M' }],
    [1, null, 8192, { warn: '64M', crit: '80M' }],
    [1000, null, null, { warn: '3G', crit: '6G' }],
    // Three times as much is not there: half and three quarters of what is left.
    [4096, null, 8192, { warn: '6G', crit: '7G' }],
    [8192, null, 8192, { warn: '8G', crit: '8.5G' }],
    [100, 512, 8192, { warn: '85%', crit: '95%' }],
    [null, null, 8192, null],
  ])('%s MiB held, limit %s, RAM %s', (memory, limit, total, expected) => {
    const bytes = (amount: number | null) => (amount === null ? null : amount * mib)
    expect(memoryLevels(bytes(memory), bytes(limit), bytes(total))).toEqual(expected)
  })

  it('warns before it is critical, and not yet', () => {
    const size = fc.integer({ min: 0, max: 2 ** 50 })
    fc.assert(
      fc.property(size, fc.option(size), (memory, total) => {
        const levels = memoryLevels(memory, null, total)
        const amount = (text = ''): number => Number.parseFloat(text) * (text.endsWith('G') ? 1024 : 1) * mib
        expect(amount(levels?.warn)).toBeLessThan(amount(levels?.crit))
        expect(amount(levels?.warn)).toBeGreaterThanOrEqual(memory)
      }),
    )
  })
})
