import { describe, expect, it } from 'vitest'
import type { ProcessStat } from '../../src/core/facts.ts'
import { protectedProcesses } from '../../src/plan/protected.ts'

const process = (pid: number, ppid: number, comm: string, isKernelThread = false): ProcessStat => ({
  pid,
  ppid,
  comm,
  isKernelThread,
  session: pid,
  state: 'S',
  cpuTicks: 0,
  threads: 1,
  startTicks: pid * 10,
  rssBytes: 0,
})

const host = [
  process(1, 0, 'systemd'),
  process(2, 0, 'kthreadd', true),
  process(30, 2, 'kworker/0:1', true),
  process(100, 1, 'sshd'),
  process(101, 100, 'sshd-session'),
  process(102, 101, 'bash'),
  process(103, 102, 'oratio-health'),
  process(200, 1, 'containerd-shim'),
  process(201, 200, 'python3'),
  process(300, 1, 'sshd'),
  process(301, 1, 'systemd'),
  process(302, 1, 'systemd'),
  process(400, 1, 'cron'),
  process(401, 1, 'dbus-daemon'),
]
const owners = new Map([
  [300, 1000],
  [301, 1000],
  [201, 1000],
])
const uidOf = (pid: number) => (pid === 401 ? null : (owners.get(pid) ?? 0))
const found = protectedProcesses({ processes: host, selfPid: 103, uidOf })

describe('protected processes', () => {
  it.each([
    [1, 'init'],
    [2, 'kernel'],
    [30, 'kernel'],
    [100, 'system'],
    [101, 'system'],
    [102, 'ancestor'],
    [103, 'itself'],
    [200, 'system'],
    [301, 'system'],
    [400, 'system'],
    [401, 'system'],
  ] as const)('%i is protected as %s', (pid, protection) => expect(found.get(pid)).toBe(protection))

  it('what holds the sessions and containers of people is, whoever runs it', () => {
    const holders = ['tmux: server', 'screen', 'conmon', 'containerd-shim'].map((comm, i) =>
      process(500 + i, 1, comm),
    )
    const of = protectedProcesses({ processes: holders, selfPid: 7, uidOf: () => 1000 })
    expect(holders.map(({ pid }) => of.get(pid))).toEqual(['system', 'system', 'system', 'system'])
  })

  it('a service is not, nor a user who calls his process sshd', () => {
    expect(found.has(201)).toBe(false)
    expect(found.has(300)).toBe(false)
  })

  it('a circle of parents ends', () => {
    const circle = [process(10, 11, 'a'), process(11, 10, 'b')]
    expect([...protectedProcesses({ processes: circle, selfPid: 10, uidOf }).keys()].sort()).toEqual([10, 11])
  })

  it('this program is protected though the scan missed it', () => {
    expect(protectedProcesses({ processes: [], selfPid: 7, uidOf }).get(7)).toBe('itself')
  })
})
