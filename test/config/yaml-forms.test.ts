// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the config has such placeholders of its own
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorsIn, read } from './read-config.ts'

const top = join(import.meta.dirname, '../..')

describe('configs that are right', () => {
  it('the contract reads as it shows it', () => {
    const text = readFileSync(join(top, 'test/fixtures/config/contract.yaml'), 'utf8')
    expect(errorsIn(text)).toEqual([])
    const { config } = read(text)
    expect(config?.services['electron-cash']).toMatchObject({
      target: { type: 'container', ref: 'electron-cash' },
      checks: {
        memory: {
          warn: { bytes: 500 * 1024 ** 2 },
          growth: { warn: 20 * 1024 ** 2 },
          forecast: { warn: 86_400, crit: 7200 },
        },
      },
      features: {
        restart: { after: 3, limit: { count: 5, perSeconds: 86_400 }, grace: 3, every: 14_400 },
        probes: [
          { type: 'jsonrpc', method: 'version', timeout: 10, retries: 0 },
          { type: 'http', expect: { status: 200, body: 'ok' } },
          { type: 'tcp' },
          { type: 'exec', exec: ['docker', 'exec', 'electron-cash', 'true'] },
          { type: 'log', within: 3600, warn: 1, crit: 5 },
        ],
        hooks: [
          { type: 'at', run: 'kill -USR2 $PID' },
          { type: 'every', every: 3600 },
        ],
      },
    })
    expect(config?.journal).toEqual({
      SystemMaxUse: '500M',
      RuntimeMaxUse: '100M',
      SystemMaxFileSize: '50M',
      MaxRetentionSec: '1week',
      RateLimitBurst: '10000',
    })
    expect(config?.notify.remindSeconds).toBe(21_600)
  })

  it.each([
    ['', null],
    [', memory: {}', null],
    [', memory: { growth: off }', { warn: null, crit: null }],
    [', memory: { growth: { warn: off, crit: off } }', { warn: null, crit: null }],
    [', memory: { growth: on }', { warn: 20 * 1024 ** 2, crit: 50 * 1024 ** 2 }],
    [', memory: { growth: {} }', { warn: 20 * 1024 ** 2, crit: 50 * 1024 ** 2 }],
    [', memory: { growth: { warn: 6M/h } }', { warn: (6 * 1024 ** 2) / 60, crit: 50 * 1024 ** 2 }],
  ])('growth not named, off, and with what is usual: {unit: x%s}', (memory, growth) => {
    const { config } = read(`services: { web: { unit: web.service${memory} } }`)
    expect(config?.services.web?.checks.memory).toMatchObject({ growth })
  })

  it('the example of this project is right', () => {
    expect(errorsIn(readFileSync(join(top, 'config.example.yaml'), 'utf8'))).toEqual([])
  })

  it.each([
    ['nothing', ''],
    ['comments', '# nothing yet\n'],
    ['a document mark', '---\n'],
    ['null', '~\n'],
    ['sections whose lines are all commented out', 'host:\nservices:\n#  web:\ncleanup: ~\n'],
  ])('%s is the defaults', (_, text) => {
    expect(read(text)).toMatchObject({ problems: [], config: { services: {}, cleanup: [] } })
    expect(read(text).config).toEqual(read('').config)
  })

  it('the issues to come find their keys', () => {
    const text = `services:
  a:
    process: { match: foo, user: pi, exe: /usr/bin/python3 }
    restart: off
    hooks: [{ on: recovered, run: "echo \${PID}", timeout: 5s }]
    probes: [{ log: ERROR, file: /var/log/a.log, warn: off, crit: 1 }]
    maintenance: ["Sun 02:00-04:00", "Mon-Fri 22:00-06:00", "23:00-24:00"]
  b: { unit: b.service, restart: true, after: a, limit: { reservation: 512M } }
  c: { pidfile: /run/c.pid }
cleanup:
  - { path: /tmp, match: "*.ts", exclude: [keep], older_than: 1d, age_by: mtime, min_size: 1M, keep_newest: 3,
      max_total: 2G, users: [pi, 1000], recurse: no, empty_dirs: yes, keep_open: on, one_file_system: false }
orphans:
  - { name: x, exe: /usr/bin/foo, user: pi, unit: a.service, keep: 2, older_than: 10m, max_memory: 1G }
journal: { Storage: volatile, SystemMaxUse: "", MaxRetentionSec: "" }
`
    expect(errorsIn(text)).toEqual([])
    const { config } = read(text)
    expect(config?.services.a).toMatchObject({
      target: { type: 'process', match: 'foo', user: 'pi', exe: '/usr/bin/python3' },
      features: { restart: null, hooks: [{ run: 'echo ${PID}' }], probes: [{ warn: null, crit: 1 }] },
    })
    expect(config?.services.b?.features).toMatchObject({ restart: { after: 3 }, after: ['a'] })
    expect(config?.cleanup).toMatchObject([
      { match: ['*.ts'], users: ['pi', '1000'], recurse: false, empty_dirs: true },
    ])
    expect(config?.journal).toEqual({ Storage: 'volatile', SystemMaxUse: '', MaxRetentionSec: '' })
  })
})

describe('YAML', () => {
  it('takes a byte order mark, Windows line ends and a directive, and counts columns rightly', () => {
    const text = '\uFEFFhost:\r\n  swap: { warn: 120% }\r\n'
    expect(errorsIn(text)).toEqual(['2:17 host.swap.warn: expected at most 100%, found "120%"'])
    expect(errorsIn('%YAML 1.1\n---\nhost: { swap: { warn: off } }\n')).toEqual([])
  })

  it('resolves anchors and merges, with own keys first', () => {
    const text = `services:
  a: &a
    container: a
    memory: &memory { warn: 1G, crit: 2G }
    processes: { warn: 5, crit: 9 }
  b:
    <<: *a
    container: b
    memory: { <<: *memory, crit: 3G }
  c: { <<: [{ processes: { warn: 7, crit: 9 } }, *a], container: c }
`
    expect(errorsIn(text)).toEqual([])
    const services = read(text).config?.services
    expect(services?.b).toMatchObject({
      target: { ref: 'b' },
      checks: {
        memory: { warn: { bytes: 1024 ** 3 }, crit: { bytes: 3 * 1024 ** 3 } },
        processes: { warn: 5 },
      },
    })
    expect(services?.c).toMatchObject({ target: { ref: 'c' }, checks: { processes: { warn: 7 } } })
  })

  it('has no names that mean something to JavaScript', () => {
    expect(errorsIn('__proto__: {}\nconstructor: {}\n')).toEqual([
      '1:1 __proto__: unknown key; known here: host, services, cleanup, orphans, journal, schedule, notify, metrics',
      '2:1 constructor: unknown key; known here: host, services, cleanup, orphans, journal, schedule, notify, metrics',
    ])
    const { config } = read(
      'services: { constructor: { container: a }, toString: { container: b, after: valueOf } }\n',
    )
    expect(config).toBeNull()
    expect(Object.keys(read('services: { constructor: { container: a } }\n').config?.services ?? {})).toEqual(
      ['constructor'],
    )
  })

  it.each([
    ['a tab', 'host:\n\tswap: {}\n', '2:1 a tab is used to indent; YAML takes spaces only'],
    [
      'two documents',
      'host: {}\n---\nhost: {}\n',
      '2:1 a second YAML document begins here; a config is one document',
    ],
    ['an open quote', 'metrics: { textfile: "/a }\n', /^2:1 not valid YAML: missing closing "quote/],
    ['an open bracket', 'cleanup: [{ path: /tmp }\n', /^2:1 not valid YAML: flow sequence/],
    [
      'a glob without quotes',
      'cleanup: [{ path: /tmp, match: *.ts }]\n',
      /^1:32 no anchor &\.ts above this alias/,
    ],
    ['an alias inside itself', 'services: &a\n  x: *a\n', '2:6 the alias *a stands inside what it repeats'],
    ['a tag', 'metrics: !!js/function x\n', /^1:10 tags such as !text/],
    ['a key that is a list', '? [a]\n: b\n', '1:3 a key is plain text, not a list, a map or nothing'],
    ['a merge of text', 'host: { <<: swap }\n', '1:9 << merges a map, or a list of maps, such as *defaults'],
    ['a reserved letter', 'metrics: @x\n', '1:10 text that begins with @, ` or % needs quotes'],
    ['a colon in text', 'metrics: a: b\n', /^1:10 a second `key:` on the same line/],
    [
      'bytes that are no UTF-8',
      'host:\n  \uFFFDx: 1\n',
      '2:3 the file is not UTF-8 from here on; save it in that encoding',
    ],
  ])('%s is told with its place', (_, text, error) => {
    const [first, ...more] = errorsIn(text)
    if (typeof error === 'string') expect(first).toBe(error)
    else expect(first).toMatch(error)
    expect(more.length).toBeLessThan(3)
  })

  it('never quotes what could be a secret', () => {
    const secret = 'hunter2'
    for (const text of [
      `services: { a: { container: a, probes: [{ http: "http://u:${secret}@h" , expect: { status: x } }] } }`,
      `services: { a: { container: a, probes: [{ http: "u://x:${secret}@h" }] } }`,
      `services: { a: { container: a, probes: [{ jsonrpc: "http://h/", password: [${secret}] }] } }`,
      `notify: { targets: [{ webhook: "${secret}" }, "https://h/${secret}", [${secret}]] }`,
      `notify: { targets: "${secret}" }`,
      `notify: ${secret}`,
      `a: "x" ${secret}\n`,
      `a: "\\q${secret}"\n`,
      `notify: { targets: [{ ping: "\${TOKEN}" }] }`,
    ]) {
      const errors = errorsIn(text, { TOKEN: secret }).join('\n')
      expect(errors).not.toBe('')
      expect(errors).not.toContain(secret)
    }
  })
})

describe('variables', () => {
  const text = (value: string): string => `metrics: { textfile: "${value}" }\n`

  it('come from the environment, into figures too', () => {
    expect(read(text('/${A}/x.prom'), { A: 'tmp' }).config?.metrics.textfile).toBe('/tmp/x.prom')
    expect(read('host: { swap: { warn: "${W}" } }\n', { W: '20%' }).config?.host.swap).toMatchObject({
      warn: 20,
    })
    expect(read(text('/$${A}/$B.prom')).config?.metrics.textfile).toBe('/${A}/$B.prom')
  })

  it('that are not set are an error at their place, and so is what is none', () => {
    expect(errorsIn(text('/${NOPE}/x.prom'))).toEqual([
      '1:22 metrics.textfile: the environment variable NOPE is not set; write $${NOPE} for the text itself',
    ])
    expect(errorsIn(text('/${A:-x}/x.prom'), { A: 'a' })).toEqual([
      '1:22 metrics.textfile: only ${NAME} is understood; write $${ for a plain ${',
    ])
  })

  it('are shown as written when their value is wrong', () => {
    expect(errorsIn('host: { swap: { warn: "${W}" } }\n', { W: 'geheim' })).toEqual([
      '1:23 host.swap.warn: expected a percentage such as 85%, or off, found "${W}"',
    ])
  })

  it('make a secret one that does not stand in the file', () => {
    const target = (address: string): string => `notify: { targets: [{ webhook: "${address}" }] }\n`
    expect(read(target('${HOOK}'), { HOOK: 'https://h/x' }).secrets).toEqual([])
    expect(read(target('https://h/x')).secrets).toEqual(['notify.targets[0].webhook'])
  })
})

describe('hostile files', () => {
  it('a bomb of aliases ends with one line', () => {
    const list = (name: string, of: string): string =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => of).join(', ')}]\n`
    const bomb = `x0: &x0 [a]\n${Array.from({ length: 9 }, (_, i) => list(`x${i + 1}`, `*x${i}`)).join('')}services: *x9\n`
    expect(errorsIn(bomb).length).toBeLessThan(12)
    const wide = `services:\n  a: &a { container: a, probes: &p [${'{ tcp: "h:1" }, '.repeat(500)}] }\n${Array.from({ length: 1000 }, (_, i) => `  s${i}: *a\n`).join('')}`
    expect(errorsIn(wide)).toEqual(['1:1 the config stands for more than 100000 values'])
    const merged = `x: &x { ${Array.from({ length: 200 }, (_, i) => `k${i}: 1`).join(', ')} }\ny: { <<: [${'*x, '.repeat(500)}] }\n`
    expect(errorsIn(merged)[0]).toMatch(/more than 20000 keys are merged/)
  })

  it('depth and length are bounded', () => {
    expect(errorsIn('['.repeat(20_000))[0]).toMatch(/^1:\d+ nested too deep/)
    expect(errorsIn(`a: ${'['.repeat(60)}${']'.repeat(60)}`)).toEqual([
      '1:54 nested more than 50 levels deep',
    ])
    expect(errorsIn('a:\n'.repeat(20_001))).toEqual(['1:1 the config has more than 20000 lines'])
  })

  it('any text ends in a config or in errors that have a place', () => {
    const letters = fc.constantFrom(
      ...'aе:-[]{}&*!|>\'"%@`#,? \t\n\r~<$0é\u0000\u0085\u2028'.split(''),
      'host',
      '<<',
      'services:\n',
      '${A}',
    )
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: letters }), fc.string({ unit: 'binary' })), (text) => {
        const { config, problems } = read(text)
        expect(config === null).toBe(problems.length > 0)
        for (const { at, message } of problems) {
          expect(at.line).toBeGreaterThan(0)
          expect(at.column).toBeGreaterThan(0)
          expect(message).not.toMatch(/[\n\u001b]|undefined|\[object/)
        }
      }),
      { numRuns: 400 },
    )
  })
})
