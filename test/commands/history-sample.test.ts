import { describe, expect, it } from 'vitest'
import { processesOf, serviceSample } from '../../src/commands/history-sample.ts'
import { value } from '../../src/core/reading.ts'
import { capturedHost } from '../support/captured-host.ts'
import { serviceFacts } from '../support/service-facts.ts'

const statOf = (pid: number, ticks: number): string =>
  `${pid} (app) S 1 ${pid} ${pid} 0 -1 4194560 1 0 0 0 ${ticks} 0 0 0 20 0 1 0 500 1000000 50 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n`
const files = {
  '/proc/7/stat': statOf(7, 300),
  '/proc/8/stat': statOf(8, 100),
  '/proc/self/mountinfo': '30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  '/sys/fs/cgroup/app.service/cgroup.procs': '7\n8\n',
}
const memory = value({ leakBytes: 9, usedBytes: 9, swapBytes: 0, limitBytes: null, limitAt: null })
const facts = serviceFacts({ kind: 'unit', mainPid: 7, pids: [7, 8], memory })
const cpuStat = '/sys/fs/cgroup/app.service/cpu.stat'

describe('the CPU time of a service', () => {
  it.each([
    ['its processes alive, without a cgroup of its own', {}, undefined, 4],
    ['its cgroup, with who has ended', { [cpuStat]: 'usage_usec 90000000\n' }, '/app.service', 90],
    ['its processes, where the cgroup does not count', { [cpuStat]: 'nr_periods 0\n' }, '/app.service', 4],
    ['nothing, where the cgroup could not be read', {}, '/gone.service', null],
  ])('is that of %s', (_, more, cgroup, seconds) => {
    const host = capturedHost({ files: { ...files, ...more } })
    const own = cgroup === undefined ? facts : { ...facts, cgroup }
    expect(serviceSample(host, own, processesOf(host))).toMatchObject({ leakBytes: 9, cpuSeconds: seconds })
  })
})
