import { describe, expect, it } from 'vitest'
import { type Biggest, biggestConsumers } from '../../../src/checks/observe/biggest.ts'
import { absent, failed, value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import { capturedHost, type FakeProcess, manyProcesses } from '../../support/captured-host.ts'

const mib = 1024
const hostOf = (...processes: FakeProcess[]): Host => capturedHost({ files: manyProcesses(...processes) })
const biggest = (host: Host, top = 3, swapUsedBytes = 0): Biggest => {
  const reading = biggestConsumers(host, top, swapUsedBytes)
  if (reading.kind !== 'value') throw new Error(reading.kind)
  return reading.value
}

const python = (pid: number, more: Partial<FakeProcess> = {}): FakeProcess => ({
  pid,
  comm: 'python3',
  args: ['/usr/bin/python3', '-u', '/app/daemon.py'],
  anonKb: 30 * mib,
  ...more,
})

describe('who uses the memory', () => {
  const crowd = hostOf.bind(
    null,
    { pid: 1, comm: 'systemd', anonKb: 5 * mib },
    { pid: 2, comm: 'kthreadd', kernelThread: true },
    { pid: 9, comm: 'zombie', state: 'Z', args: [], anonKb: 900 * mib },
    { pid: 50, comm: 'mysqld', anonKb: 100 * mib, fileKb: 10 * mib },
    ...Array.from({ length: 20 }, (_, i) => python(100 + i)),
  )

  it('names the biggest processes, without kernel threads and zombies', () => {
    expect(biggest(crowd()).processes).toEqual([
      { name: 'mysqld', pid: 50, processes: 1, rssBytes: 110 * mib * 1024, swapBytes: 0 },
      {
        name: 'python3 daemon.py',
        pid: expect.any(Number),
        processes: 1,
        rssBytes: 30 * mib * 1024,
        swapBytes: 0,
      },
      {
        name: 'python3 daemon.py',
        pid: expect.any(Number),
        processes: 1,
        rssBytes: 30 * mib * 1024,
        swapBytes: 0,
      },
    ])
  })

  it('adds up those of one name', () => {
    expect(biggest(crowd()).names).toEqual([
      { name: 'python3', pid: null, processes: 20, rssBytes: 600 * mib * 1024, swapBytes: 0 },
      { name: 'mysqld', pid: null, processes: 1, rssBytes: 110 * mib * 1024, swapBytes: 0 },
      { name: 'systemd', pid: null, processes: 1, rssBytes: 5 * mib * 1024, swapBytes: 0 },
    ])
  })

  it('while swap is in use those count that were swapped out', () => {
    const host = hostOf(
      { pid: 5, comm: 'big', anonKb: 50 },
      { pid: 6, comm: 'asleep', anonKb: 1, swapKb: 500 },
    )
    expect(biggest(host, 1, 1).processes).toMatchObject([{ name: 'asleep', swapBytes: 500 * 1024 }])
    expect(biggest(host, 1, 1).names).toMatchObject([{ name: 'asleep', swapBytes: 500 * 1024 }])
  })

  it('asks only the likely ones for their exact size', () => {
    const host = crowd()
    let asked = 0
    const processes = {
      ...host.processes,
      memory: (pid: number) => {
        asked++
        return host.processes.memory(pid)
      },
    }
    biggest({ ...host, processes }, 2)
    expect(asked).toBe(6)
    asked = 0
    biggest({ ...host, processes }, 2, 1)
    expect(asked).toBe(22)
  })

  it('leaves out what ended meanwhile, on a live host', () => {
    const host = hostOf(python(70), { pid: 71, comm: 'gone', anonKb: 900 * mib })
    const processes = {
      ...host.processes,
      memory: (pid: number) =>
        pid === 71 ? failed('vanished', '/proc/71', 'ESRCH') : host.processes.memory(pid),
    }
    expect(biggest({ ...host, live: true, processes }).processes.map(({ pid }) => pid)).toEqual([70])
  })

  it('takes the rough size where the exact one may not be read', () => {
    const host = hostOf(python(70))
    const processes = { ...host.processes, memory: () => failed('denied', '/proc/70/status', 'EACCES') }
    expect(biggest({ ...host, processes }).processes).toMatchObject([{ rssBytes: 30 * mib * 1024 }])
  })

  it('says when some are hidden, and fails as the scan does', () => {
    expect(biggest(crowd()).complete).toBe(true)
    const host = crowd()
    const hidden = { ...host.processes, scan: () => value({ processes: [], complete: false }) }
    expect(biggest({ ...host, processes: hidden })).toEqual({ processes: [], names: [], complete: false })
    for (const scan of [failed('io', '/proc', 'EMFILE'), absent('captured processes')])
      expect(biggestConsumers({ ...host, processes: { ...host.processes, scan: () => scan } }, 3, 0)).toBe(
        scan,
      )
  })
})
