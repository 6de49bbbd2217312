import fc from 'fast-check'
import type { Finding, Status } from '../../src/core/finding.ts'
import { absent, type FailureCause, failed, type Reading, value } from '../../src/core/reading.ts'
import type { CheckResult, Consumer, ServiceFacts, ServiceResult } from '../../src/core/service.ts'

/** Arbitrary results of `check`, with the names and figures that strangers and broken kernels may come up with. */

const evil = fc.constantFrom(
  '',
  'foo) Z ',
  '()()())))',
  '\u001b[31mred',
  '\u009b2J',
  '\u202eexe.txt',
  'line\nbreak\r\ttab',
  '\ufeff\u2028\u0000\u007f',
  '__proto__',
  'constructor',
  '漢字カタカナ',
  '👩‍👩‍👧‍👦',
  'e\u0301'.repeat(100),
  '\ud800',
  'x'.repeat(255),
  'a b '.repeat(60),
  '漢'.repeat(255),
)
const name = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }), evil)
const status = fc.constantFrom<Status>('ok', 'warning', 'critical', 'unknown')
const figure = fc.oneof(
  fc.constantFrom(
    0,
    -1,
    0.001,
    99.96,
    100,
    1e6,
    2 ** 40,
    2 ** 53,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ),
  fc.double(),
)
const count = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 40, 0.5))
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null })

const arg = fc.oneof(name, figure, fc.constant(null))
const args = fc.dictionary(
  fc.constantFrom(
    'cause',
    'what',
    'detail',
    'totalBytes',
    'usedBytes',
    'limitBytes',
    'reason',
    'files',
    'of',
    'atLeast',
  ),
  arg,
)

export const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    check: fc.oneof(
      fc.constantFrom(
        'memory',
        'swap',
        'cpu',
        'pressure',
        'disks',
        'folders',
        'state',
        'processes',
        'restarts',
        'log',
      ),
      name.filter((text) => text !== ''),
    ),
    code: fc.oneof(
      fc.constantFrom(
        'level',
        'absent',
        'unreadable',
        'inodes',
        'skipped',
        'not-found',
        'failed',
        'no-limit',
      ),
      name.filter((text) => text !== ''),
    ),
    status,
    item: name,
    value: maybe(figure),
    unit: maybe(fc.constantFrom('bytes', 'percent', 'count', 'seconds', 'bytes-per-minute')),
    warn: maybe(figure),
    crit: maybe(figure),
    args,
  },
  { requiredKeys: ['check', 'code', 'status', 'value', 'unit', 'warn', 'crit'] },
)

const causes: FailureCause[] = ['denied', 'timeout', 'refused', 'malformed', 'vanished', 'io', 'tool-missing']

const reading = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<Reading<T>> =>
  fc.oneof(
    of.map((v) => value(v)),
    name.map(absent),
    fc
      .tuple(fc.constantFrom(...causes), name, name)
      .map(([cause, what, detail]) => failed(cause, what, detail)),
  )

const memory = fc.record({
  leakBytes: count,
  usedBytes: count,
  swapBytes: count,
  limitBytes: maybe(count),
  limitAt: maybe(name),
})

const target: fc.Arbitrary<ServiceFacts['target']> = fc.oneof(
  fc.record({ type: fc.constantFrom('container' as const, 'unit' as const), ref: name }),
  fc.record({ type: fc.constant('process' as const), match: name, user: maybe(name), exe: maybe(name) }),
  fc.record({ type: fc.constant('pidfile' as const), path: name }),
)

const facts: fc.Arbitrary<ServiceFacts> = fc.record({
  name,
  kind: fc.constantFrom('container', 'unit', 'process'),
  target,
  configured: fc.boolean(),
  state: fc.constantFrom(
    'running',
    'starting',
    'paused',
    'restarting',
    'stopped',
    'failed',
    'missing',
    'unknown',
  ),
  stateDetail: name,
  identity: maybe(name),
  mainPid: maybe(fc.nat()),
  pids: fc.array(fc.nat(), { maxLength: 3 }),
  memory: reading(memory),
  processes: reading(count),
  openFiles: reading(count),
  threads: reading(count),
  restarts: reading(count),
  uptimeSeconds: reading(count),
  oomKills: reading(count),
  health: maybe(fc.constantFrom('healthy', 'unhealthy', 'starting')),
})

const anyService: fc.Arbitrary<ServiceResult> = fc.record({
  facts,
  status,
  findings: fc.array(anyFinding, { maxLength: 4 }),
  failedChecks: fc.nat(),
  action: maybe(
    fc.record({
      kind: name.filter((text) => text !== ''),
      outcome: fc.constantFrom('done', 'skipped', 'dry-run', 'failed'),
      reason: name,
    }),
  ),
})

const consumer: fc.Arbitrary<Consumer> = fc.record({
  name,
  pid: maybe(fc.nat()),
  processes: fc.nat(),
  rssBytes: count,
  swapBytes: count,
})

export const anyResult: fc.Arbitrary<CheckResult> = fc.record({
  hostname: name,
  startedAtMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  finishedAtMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  status,
  findings: fc.array(anyFinding, { maxLength: 8 }),
  services: fc.array(anyService, { maxLength: 5 }),
  biggestProcesses: fc.array(consumer, { maxLength: 5 }),
  biggestNames: fc.array(consumer, { maxLength: 5 }),
  ownFindings: fc.array(anyFinding, { maxLength: 2 }),
})
