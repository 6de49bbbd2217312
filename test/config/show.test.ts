// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the config has such placeholders of its own
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { showConfig, writtenConfig } from '../../src/config/show.ts'
import { writeBudget, writeDuration, writeLevel, writeRate, writeSize } from '../../src/config/write-value.ts'
import { parseDuration, parseRate, parseSize } from '../../src/core/units.ts'
import { read } from './read-config.ts'

const top = join(import.meta.dirname, '../..')

const configOf = (text: string) => {
  const { config, problems } = read(text)
  if (config === null) throw new Error(JSON.stringify(problems))
  return config
}

describe('the config that stands, shown', () => {
  it('is in human units, with what is default marked', () => {
    const shown = showConfig(
      configOf(
        'host: { swap: { warn: 40%, crit: off } }\nservices: { web: { unit: web.service, restart: { grace: 90s } } }\n',
      ),
    )
    expect(shown).toContain(`  swap:
    warn: 40%
    crit: off
`)
    expect(shown).toContain(`services:
  web:
    unit: web.service
`)
    expect(shown).toContain('    restart:\n      after: 3  # default\n')
    expect(shown).toContain('      backoff:\n        after: 3  # default\n        step: 1m  # default\n')
    expect(shown).toContain(
      '      limit: 5 per 1d  # default\n      grace: 1m 30s\n      evidence: true  # default\n',
    )
    expect(shown).toContain('notify:\n  remind: 6h  # default\n')
    expect(shown).toContain('  folders:  # default\n    - path: /tmp\n')
    expect(shown).not.toContain('open_files')
    expect(shown).not.toContain('{}')
  })

  it('what stands without being named is a comment, since to name it is another thing', () => {
    const growth = (memory: string): string =>
      showConfig(configOf(`services: { web: { unit: web.service${memory} } }`))
    expect(growth('')).toContain(
      '      # growth: { warn: 20M/min, crit: 50M/min }  # default; not named: only a leak is told, and nothing is restarted for it\n',
    )
    expect(growth(', memory: { growth: off }')).toContain(
      '      growth:\n        warn: off\n        crit: off\n',
    )
    expect(growth(', memory: { growth: off }')).not.toContain('#  growth')
    const named = ', memory: { growth: { warn: 1M/h } }'
    for (const memory of ['', ', memory: { growth: off }', ', memory: { growth: on }', named]) {
      const config = configOf(`services: { web: { unit: web.service${memory} } }`)
      expect(configOf(showConfig(config))).toEqual(config)
      expect(configOf(JSON.stringify(writtenConfig(config)))).toEqual(config)
    }
  })

  it.each(['test/fixtures/config/contract.yaml', 'config.example.yaml'])(
    '%s is read again as the same config, as YAML and as JSON',
    (file) => {
      const text = readFileSync(join(top, file), 'utf8')
      const config = configOf(text.replace(/^ *- \{ (webhook|ping):.*\n/gm, ''))
      expect(configOf(showConfig(config))).toEqual(config)
      expect(configOf(JSON.stringify(writtenConfig(config)))).toEqual(config)
    },
  )

  it('any text comes back the same', () => {
    const texts = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom(
        'null',
        '~',
        'a: b',
        '- x',
        '#x',
        'x #y',
        "it's",
        '"',
        '\\',
        '${A}',
        '$${A}',
        '*a',
        'a\nb',
        '\u0085',
      ),
    )
    fc.assert(
      fc.property(texts, texts, (argument, run) => {
        fc.pre([argument, run].every((text) => text.trim() !== '' && !/[\0\ufffd]|:\/\//.test(text)))
        const config = configOf(
          JSON.stringify({
            services: {
              a: {
                container: 'a',
                probes: [{ exec: [argument.replaceAll('${', () => '$${')] }],
                hooks: [{ on: 'critical', run }],
              },
            },
          }),
        )
        expect(config.services.a?.features.hooks).toMatchObject([{ run }])
        expect(configOf(showConfig(config))).toEqual(config)
      }),
      { numRuns: 120 },
    )
  })

  it('holds no secret', () => {
    const config = configOf(`services:
  a:
    container: a
    probes: [{ jsonrpc: "http://joe:hunter2@h:7777/", method: version, password: hunter2 }]
notify: { targets: [{ webhook: "https://h/hunter2", format: slack }, { ping: "https://h/hunter2" }] }
`)
    const shown = showConfig(config)
    expect(shown).not.toContain('hunter2')
    expect(JSON.stringify(writtenConfig(config))).not.toContain('hunter2')
    expect(shown).toContain('- jsonrpc: "http://***@h:7777/"')
    expect(shown).toContain('password: "***"')
    expect(shown).toContain('webhook: "***"')
  })

  it('shows nothing that a terminal would obey', () => {
    const config = configOf(JSON.stringify({ orphans: [{ name: 'a', match: 'x\u001b31m\u202e\u0085' }] }))
    expect(showConfig(config)).toContain('match: "x\\u001b31m\\u202e\\u0085"')
  })
})

describe('values written back', () => {
  it.each([
    [writeSize(0), '0B'],
    [writeSize(1000), '1000B'],
    [writeSize(1.5 * 1024 ** 3), '1536M'],
    [writeSize(1024 ** 5), '1P'],
    [writeDuration(0), '0s'],
    [writeDuration(5400), '1h 30m'],
    [writeDuration(0.25), '250ms'],
    [writeDuration(604_800), '7d'],
    [writeRate(20 * 1024 ** 2), '20M/min'],
    [writeRate((50 * 1024 ** 2) / 60), '50M/h'],
    [writeLevel({ percent: 12.5 }), '12.5%'],
    [writeBudget({ count: 5, perSeconds: 86_400 }), '5 per 1d'],
  ])('%s', (written, wanted) => {
    expect(written).toBe(wanted)
  })

  it('are read as the same value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(parseSize(writeSize(bytes))).toBe(bytes)
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3e9 }), fc.integer({ min: 0, max: 999 }), (seconds, ms) => {
        expect(parseDuration(writeDuration(seconds + ms / 1000))).toBeCloseTo(seconds + ms / 1000, 5)
      }),
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e12 }),
        fc.constantFrom('min', 'h', 'day', 'week', 's'),
        (bytes, per) => {
          const rate = parseRate(`${bytes}B/${per}`) ?? 0
          expect(Math.abs((parseRate(writeRate(rate)) ?? 0) - rate) / rate).toBeLessThan(1e-9)
        },
      ),
    )
  })
})
