import { describe, expect, it } from 'vitest'
import { errorsIn, read } from './read-config.ts'

/** A service that is right, to put something wrong into. */
const service = (lines: string): string => `services:\n  web:\n    container: web\n${lines}\n`

const cases: [name: string, text: string, ...errors: string[]][] = [
  ['a misspelled section', 'servces: {}\n', '1:1 servces: unknown key; did you mean "services"?'],
  [
    'a key with - for _ and other case',
    'cleanup:\n  - { path: /tmp, Older-Than: 1h }\n',
    '2:19 cleanup[0].Older-Than: unknown key; did you mean "older_than"?',
  ],
  [
    'a key that resembles none, with the few there are',
    'metrics: { interval: 5m }\n',
    '1:12 metrics.interval: unknown key; known here: textfile',
  ],
  [
    'text for a size or share',
    service('    memory:\n      warn: lots'),
    '5:13 services.web.memory.warn: expected a size such as 500M or a share such as 85%, or off, found "lots"',
  ],
  [
    'a bare number, which could be bytes or percent',
    service('    memory: { warn: 85 }'),
    '4:21 services.web.memory.warn: expected a size such as 500M or a share such as 85%, or off, found 85; name the unit: 85% or 85M',
  ],
  [
    'a duration without its unit',
    service('    restart: { grace: 30 }'),
    '4:23 services.web.restart.grace: expected a duration such as 30s, 5m or 1h, found 30; name the unit: 30s, 30m or 30h',
  ],
  [
    '1M as a duration',
    'notify: { remind: 1M }\n',
    '1:19 notify.remind: expected a duration such as 30s, 5m or 1h, found "1M"; M could be minutes, months or megabytes: write 1m or 30d',
  ],
  [
    'a limit of growth below the usual other one',
    service('    memory: { growth: { crit: 10M/min } }'),
    '4:31 services.web.memory.growth.crit: warn 20M/min (the default) is above crit 10M/min (line 4): it must not be; set warn, too',
  ],
  [
    'a rate without its time',
    service('    memory: { growth: { warn: 20M } }'),
    '4:31 services.web.memory.growth.warn: expected a rate such as 20M/min, or off, found "20M"; name the time: per /min, /h or /day',
  ],
  [
    'a share above the whole',
    'host: { swap: { crit: 120% } }\n',
    '1:23 host.swap.crit: expected at most 100%, found "120%"',
  ],
  [
    'a negative figure',
    service('    restart: { after: -1 }'),
    '4:23 services.web.restart.after: expected a whole number, found -1; it cannot be negative',
  ],
  [
    'a figure below its least',
    service('    restart: { after: 0 }'),
    '4:23 services.web.restart.after: expected at least 1, found 0',
  ],
  [
    'warn above crit, with both places',
    'host:\n  swap:\n    warn: 90%\n    crit: 50%\n',
    '3:11 host.swap.warn: warn 90% (line 3) is above crit 50% (line 4): it must not be',
  ],
  [
    'warn above a crit that nobody wrote',
    'host: { swap: { warn: 95% } }\n',
    '1:23 host.swap.warn: warn 95% (line 1) is above crit 90% (the default): it must not be; set crit, too',
  ],
  [
    'time left, where less is worse',
    service('    memory: { forecast: { warn: 2h, crit: 24h } }'),
    '4:33 services.web.memory.forecast.warn: warn 2h (line 4) is below crit 1d (line 4): with less time left it gets worse, so warn is the higher one',
  ],
  [
    'a key twice',
    'host:\n  swap: { warn: 1% }\n  cpu: {}\n  swap: { warn: 2% }\n',
    '4:3 host.swap: is there twice; the first is on line 2',
  ],
  [
    'a list for a map',
    'services:\n  - web\n',
    '2:3 services: expected names, each with its keys, found a list',
  ],
  ['a map for a list', 'cleanup: { path: /tmp }\n', '1:10 cleanup: expected a list, found a group of keys'],
  [
    'a list for a value',
    'host: { swap: { warn: [1%] } }\n',
    '1:23 host.swap.warn: expected a percentage such as 85%, or off, found a list',
  ],
  [
    'an empty key below the sections',
    service('    memory:\n    limit:'),
    '4:12 services.web.memory: expected a group of keys such as warn, crit, growth, forecast, found nothing; indent its keys below it, or remove the line',
    '5:11 services.web.limit: expected a group of keys such as memory, reservation, found nothing; indent its keys below it, or remove the line',
  ],
  [
    'an empty value',
    'metrics: { textfile: }\n',
    '1:22 metrics.textfile: expected an absolute path that ends in .prom, as node_exporter wants it, found nothing',
  ],
  [
    'a service that names nothing to watch',
    'services:\n  web: { memory: { warn: 1G } }\n',
    '2:8 services.web: needs one of container, unit, process, pidfile',
  ],
  [
    'a service that names two things',
    'services:\n  web: { container: a, unit: b.service }\n',
    '2:24 services.web: container and unit together; keep one of container, unit, process, pidfile',
  ],
  [
    'a name that could not be a file name',
    'services:\n  ../etc: { container: a }\n',
    '2:3 services["../etc"]: expected a name such as web-1 (letters, digits, . _ @ : -)',
  ],
  [
    'a probe of no kind',
    service('    probes: [{ htpp: "http://127.0.0.1/" }]'),
    '4:14 services.web.probes[0]: needs one of jsonrpc, http, tcp, exec, log as one of its keys; did you mean "http"?',
  ],
  [
    'two probes in one',
    service('    probes: [{ tcp: "db:5432", http: "http://db/" }]'),
    '4:32 services.web.probes[0]: tcp and http in one entry; make two of it',
  ],
  [
    'an address without its scheme',
    service('    probes: [{ http: localhost }]'),
    '4:22 services.web.probes[0].http: expected an address such as http://127.0.0.1:8080/health, found "localhost"',
  ],
  [
    'a choice misspelled',
    'notify: { targets: [{ webhook: "https://x.example/", format: slak }] }\n',
    '1:62 notify.targets[0].format: expected one of slack, discord, ntfy, json, found "slak"; did you mean "slack"?',
  ],
  [
    'a command as text instead of a list',
    service('    start: python3 app.py'),
    '4:12 services.web.start: expected a list, found a plain value',
  ],
  [
    'a relative path',
    'cleanup: [{ path: tmp }]\n',
    '1:19 cleanup[0].path: expected an absolute path such as /tmp, found "tmp"',
  ],
  [
    'a rule without its path',
    'cleanup: [{ match: "*.ts" }]\n',
    '1:11 cleanup[0]: needs the key path: Folder',
  ],
  [
    'a rule that selects by nothing',
    'orphans: [{ name: a, keep: 1 }]\n',
    '1:11 orphans[0]: needs one of match, exe, or several of them',
  ],
  [
    'a rule that selects everything',
    'orphans: [{ name: a, match: ".*" }]\n',
    '1:29 orphans[0].match: ".*" fits every text; name what it should select',
  ],
  [
    'a broken regular expression',
    'orphans: [{ name: a, match: "(foo" }]\n',
    '1:29 orphans[0].match: "(foo" is not a regular expression: unterminated group',
  ],
  [
    'a regular expression that can run for hours',
    'orphans: [{ name: a, match: "(a+)+$" }]\n',
    '1:29 orphans[0].match: "(a+)+$" repeats a group that repeats or branches inside, as (a+)+ does; such an expression can run for hours',
  ],
  [
    'a period whose starts would not be even',
    'schedule: { kill-orphans: 7m }\n',
    '1:27 schedule.kill-orphans: that period divides no minute, hour or day, so its starts would not be even: take 10s, 15s, 20s, 30s (timers), 1m, 2m, 5m, 10m, 15m, 30m, 1h, 2h, 6h, 12h, 1d or 1week',
  ],
  [
    'a job that install does not know',
    'schedule: { kill-orphan: 5m }\n',
    '1:13 schedule.kill-orphan: unknown key; did you mean "kill-orphans"?',
  ],
  [
    'a journald key that journald does not know',
    'journal: { SystemMaxUsage: 500M }\n',
    '1:12 journal.SystemMaxUsage: unknown key; did you mean "SystemMaxUse"?',
  ],
  [
    'a journald value that would be two lines of its file',
    'journal: { SystemMaxUse: "1G\\n[Service]" }\n',
    '1:26 journal.SystemMaxUse: expected a size as systemd has it, such as 500M, found "1G\\n[Service]"',
  ],
  [
    'a journald size as the other sections have it',
    'journal: { SystemMaxUse: 500MB }\n',
    '1:26 journal.SystemMaxUse: expected a size as systemd has it, such as 500M, found "500MB"',
  ],
  [
    'an empty journald assignment that may be an accident',
    'journal: { SystemMaxUse: }\n',
    '1:26 journal.SystemMaxUse: expected a size as systemd has it, such as 500M, found nothing; write "" for an empty one',
  ],
  [
    'an address that would be an option of sendmail',
    'notify: { targets: [{ email: "-oQ/tmp" }] }\n',
    '1:30 notify.targets[0].email: expected an address such as ops@example.org, found "-oQ/tmp"',
  ],
  [
    'a unit that would be an option of systemctl',
    'services: { a: { unit: "--root=/x" } }\n',
    '1:24 services.a.unit: expected a unit such as nginx.service, found "--root=/x"',
  ],
  [
    'a budget without its time',
    service('    restart: { limit: 5 }'),
    '4:23 services.web.restart.limit: expected a budget such as 5 per 24h, found 5',
  ],
  [
    'a window of no time',
    service('    maintenance: [Sun 02:00-04:00, Sunday night]'),
    '4:36 services.web.maintenance[1]: expected a window such as "Sun 02:00-04:00" or "Mon-Fri 22:00-06:00", found "Sunday night"',
  ],
  [
    'a whole config that is text',
    'hello\n',
    '1:1 expected the sections of a config such as host, services, cleanup, orphans, journal, schedule, notify, metrics, found a plain value',
  ],
  [
    'a NUL',
    service('    probes: [{ exec: ["a\\0b"] }]'),
    '4:23 services.web.probes[0].exec[0]: holds a NUL character, which no program takes',
  ],
]

describe('a config with one thing wrong', () => {
  it.each(cases)('%s', (_, text, ...errors) => {
    expect(errorsIn(text)).toEqual(errors)
    expect(read(text).config).toBeNull()
  })
})

describe('what refers to something else', () => {
  it('finds services that come after nothing there, themselves, or in a circle', () => {
    const text = `services:
  web: { container: web, after: [dbb, web] }
  db: { container: db, after: cache }
  cache: { container: cache, after: [queue] }
  queue: { container: queue, after: [db] }
`
    expect(errorsIn(text)).toEqual([
      '2:34 services.web.after[0]: no service "dbb"; did you mean "db"?',
      '2:39 services.web.after[1]: a service cannot come after itself',
      '3:31 services.db.after: goes in a circle: db → cache → queue → db',
    ])
  })

  it('finds limits and names that contradict each other', () => {
    const text = `services:
  a:
    process: foo
    start: [foo]
    limit: { memory: 1G, reservation: 2G }
    restart: { after: 3, out_of: 2 }
    probes:
      - { log: ERROR }
      - { http: "http://h/", password: "\${P}", password_file: /p }
orphans:
  - { name: x, match: a }
  - { name: x, match: b }
`
    expect(errorsIn(text, { P: 'x' })).toEqual([
      '5:39 services.a.limit.reservation: is above limit.memory, so it could never be reached',
      '6:34 services.a.restart.out_of: is below restart.after (3), so it would never restart',
      '8:9 services.a.probes[0]: needs `file`: only containers and units have a log of their own',
      '9:9 services.a.probes[1]: has password and password_file; keep one',
      '12:13 orphans[1].name: another rule has this name',
    ])
  })

  it('refuses to clean what is of the system by its name, and globs that are none', () => {
    const text = `cleanup:
  - { path: /etc }
  - { path: /tmp/../home/, match: a/b }
  - { path: /home/bob, exclude: [ok, "x/"] }
  - { path: //usr/./local/bin }
  - { path: / }
  - { path: /tmp }
  - { path: /home/bob/tmp, match: ["*.ts"] }
`
    const ofSystem = 'a folder of the system, not of temporary files'
    expect(errorsIn(text)).toEqual([
      `2:13 cleanup[0].path: it is ${ofSystem}`,
      `3:13 cleanup[1].path: it is ${ofSystem}`,
      '3:35 cleanup[1].match[0]: the glob "a/b" has a slash; it is of names, not of paths',
      '4:13 cleanup[2].path: it is the home of a user; name the folder in it',
      '4:38 cleanup[2].exclude[1]: the glob "x/" has a slash; it is of names, not of paths',
      '5:13 cleanup[3].path: what is below /usr/local/bin is of the system',
      `6:13 cleanup[4].path: it is ${ofSystem}`,
    ])
  })

  it('a restart of processes says how they are started; the engine and systemd know it of theirs', () => {
    const text = `services:
  a: { process: "^sleep 600$", restart: { after: 3 } }
  b: { pidfile: /run/b.pid, restart: on }
  c: { pidfile: /run/c.pid, restart: on, start: [/bin/c] }
  d: { pidfile: /run/d.pid, restart: off }
  e: { container: e, restart: on }
  f: { unit: f.service, restart: { every: 4h } }
`
    const why = 'needs `start`: what is ended of a process service could not be started again'
    expect(errorsIn(text)).toEqual([`2:41 services.a.restart: ${why}`, `3:38 services.b.restart: ${why}`])
  })

  it('two thousand services that come one after the other are no circle', () => {
    const lines = Array.from(
      { length: 2000 },
      (_, i) => `  s${i}: { container: c${i}${i > 0 ? `, after: s${i - 1}` : ''} }`,
    )
    expect(errorsIn(`services:\n${lines.join('\n')}\n`)).toEqual([])
  })
})

describe('many errors', () => {
  it('are said all at once, in the order of the file', () => {
    const all = cases
      .map(([, text]) => text)
      .filter((text) => text.startsWith('services:\n  web:\n    container: web\n'))
    const text = `services:\n${all
      .map((one, i) => one.replace('services:\n', '').replace('  web:', `  web${i}:`))
      .join('')}`
    const lines = errorsIn(text)
    expect(lines.length).toBeGreaterThanOrEqual(all.length)
    const places = lines.map((line) => Number(line.split(':')[0]))
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  it('are cut at 50, with the number of the rest', () => {
    const lines = errorsIn(Array.from({ length: 80 }, (_, i) => `k${i}: 1\n`).join(''))
    expect(lines).toHaveLength(51)
    expect(lines.at(-1)).toBe('and 30 more')
  })
})
