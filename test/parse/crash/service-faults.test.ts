import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serviceFault } from '../../../src/parse/crash/service-faults.ts'

const read = (text: string, program: string | null = null) =>
  serviceFault({ atMs: 1, text, program, pid: 5, unit: 'x.service' }, 'journal')

describe('faults of services', () => {
  it.each([
    [
      "app.service: Failed with result 'oom-kill'.",
      'systemd',
      { kind: 'oom-kill', unit: 'app.service', oom: { scope: 'systemd-unit' } },
    ],
    [
      "app.service: Failed with result 'exit-code'.",
      'systemd',
      { kind: 'unit-failed', unit: 'app.service', oom: null },
    ],
    [
      'app.service: Start request repeated too quickly.',
      'systemd',
      { kind: 'unit-failed', unit: 'app.service' },
    ],
    [
      '[2026-01-01 00:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)',
      null,
      { kind: 'worker-timeout', pid: 9, unit: 'x.service' },
    ],
    [
      '[7] ! Terminating timed out worker (worker failed to check in within 60 seconds): 42',
      'puma',
      { kind: 'worker-timeout', pid: 42, comm: 'puma' },
    ],
    [
      'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /x.php',
      'php',
      { kind: 'heap-exhausted', bytes: 134_217_728 },
    ],
    [
      'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
      null,
      { kind: 'heap-exhausted', pid: 5 },
    ],
    [
      'Process 4711 (my (odd) app) of user 0 dumped core.\n\nStack trace of thread 4711:',
      'systemd-coredump',
      { kind: 'trap', pid: 4711, comm: 'my (odd) app' },
    ],
    [
      `docker-${'a'.repeat(64)}.scope: A process of this unit has been killed by the OOM killer.`,
      'systemd',
      { kind: 'oom-kill', container: 'a'.repeat(64) },
    ],
    ['MemoryError', 'python3', { kind: 'heap-exhausted' }],
    ['numpy.core._exceptions.MemoryError: Unable to allocate 7.45 GiB', null, { kind: 'heap-exhausted' }],
    [
      'sending SIGKILL to process 1 uid 0 "a": b": oom_score 900, oom_score_adj 0, VmRSS 10 MiB',
      'earlyoom',
      { kind: 'oom-kill', pid: 1, comm: 'a": b', bytes: 10 * 1024 ** 2, unit: null },
    ],
  ])('%s', (text, program, expected) => {
    expect(read(text, program)).toMatchObject(expected)
  })

  it.each([
    ["app.service: Failed with result 'oom-kill'.", 'app'],
    ['Killed /x due to memory pressure', 'app'],
    ['Process 4711 (app) of user 0 dumped core.', 'app'],
    ['we saw an OutOfMemoryError in production', null],
    ['a MemoryError was handled', null],
    ['the worker timed out', null],
    ['Out of memory: we are low', null],
  ])('no fault, but prose: %s', (text, program) => {
    expect(read(text, program)).toBeNull()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('systemd', null, 'nohang'),
        (text, program) => void read(text, program),
      ),
    )
  })
})
