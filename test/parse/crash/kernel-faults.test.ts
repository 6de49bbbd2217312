import { describe, expect, it } from 'vitest'
import { makeKernelFaultReader } from '../../../src/parse/crash/kernel-faults.ts'

const read = (...lines: [atMs: number | null, text: string][]) => {
  const reader = makeKernelFaultReader('kmsg')
  return lines.flatMap(([atMs, text]) =>
    reader.read({ atMs, text, program: 'kernel', pid: null, unit: null }),
  )
}

describe('faults of the kernel', () => {
  it('a burst is one event, the next one is another; hangs of several tasks are each one', () => {
    const error = 'I/O error, dev sda, sector 1 op 0x0:(READ)'
    expect(read([0, error], [1000, error], [59_000, error], [61_000, error]).map(({ atMs }) => atMs)).toEqual(
      [0, 61_000],
    )
    const hang = (pid: number): string => `INFO: task a b:${pid} blocked for more than 241 seconds.`
    expect(read([0, hang(1)], [0, hang(2)]).map(({ pid, comm }) => [pid, comm])).toEqual([
      [1, 'a b'],
      [2, 'a b'],
    ])
  })

  it('a clock that was set back does not hide what follows', () => {
    const panic = 'XFS (sda1): Corruption of in-memory data detected. Shutting down filesystem'
    expect(read([1e12, panic], [1000, panic])).toHaveLength(2)
  })

  it.each([
    ['app[7]: unhandled level 2 translation fault (11) at 0x0000000000000010, esr 0x92000006', 'segfault'],
    ['traps: a[7] trap invalid opcode ip:1 sp:2 error:0', 'trap'],
    ['traps: a[7] trap divide error ip:1 sp:2 error:0', 'trap'],
    ['rcu: INFO: rcu_sched self-detected stall on CPU', 'soft-lockup'],
    ['NMI watchdog: Watchdog detected hard LOCKUP on cpu 3', 'soft-lockup'],
    ['mmc0: Timeout waiting for hardware interrupt.', 'io-error'],
    ['EXT4-fs (sda1): Remounting filesystem read-only', 'fs-error'],
    ['XFS (dm-0): Internal error xfs_trans_cancel at line 983', 'fs-error'],
    ['CPU3: Core temperature above threshold, cpu clock throttled (total events = 1)', 'thermal'],
    ['thermal thermal_zone0: critical temperature reached (120 C), shutting down', 'thermal'],
    ['kernel BUG at mm/slub.c:305!', 'kernel-oops'],
    ['BUG: kernel NULL pointer dereference, address: 0000000000000008', 'kernel-oops'],
  ])('%s', (text, kind) => {
    expect(read([0, text])).toMatchObject([{ kind }])
  })

  it.each([
    'usb 1-1: new high-speed USB device number 2 using xhci_hcd',
    'ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.PCI0], AE_NOT_FOUND',
    'EXT4-fs (sda1): mounted filesystem with ordered data mode',
    'random: crng init done, no fault detected',
    'systemd[1]: Failed to start x, segfault at nowhere',
  ])('none: %s', (text) => {
    expect(read([0, text])).toEqual([])
  })
})
