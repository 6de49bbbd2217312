import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePidStatus, parseProcViewer } from '../../src/parse/pid-status.ts'

const bash = `Name:\tbash
Umask:\t0002
State:\tS (sleeping)
Tgid:\t21387
Ngid:\t0
Pid:\t21387
PPid:\t21381
TracerPid:\t0
Uid:\t1000\t1001\t1002\t1003
Gid:\t1000\t1000\t1000\t1007
FDSize:\t256
Groups:\t4 24 27 1000${' '}
NStgid:\t21387
Kthread:\t0
VmPeak:\t   11996 kB
VmSize:\t   11996 kB
VmLck:\t       0 kB
VmHWM:\t    6160 kB
VmRSS:\t    6161 kB
RssAnon:\t    2080 kB
RssFile:\t    4080 kB
RssShmem:\t       1 kB
VmData:\t     360 kB
VmSwap:\t      12 kB
HugetlbPages:\t       0 kB
Threads:\t3
SigQ:\t0/7509
CapInh:\t0000000800000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t000001ffffffffff
Seccomp:\t0
voluntary_ctxt_switches:\t322
`

/** CentOS 7, kernel 3.10: no split of RSS. */
const old = `Name:\thttpd
State:\tS (sleeping)
Tgid:\t1204
Ngid:\t0
Pid:\t1204
PPid:\t1
TracerPid:\t0
Uid:\t48\t48\t48\t48
Gid:\t48\t48\t48\t48
FDSize:\t64
Groups:\t48${' '}
VmPeak:\t  224084 kB
VmSize:\t  224084 kB
VmRSS:\t    5188 kB
VmData:\t     804 kB
VmSwap:\t     300 kB
Threads:\t1
CapEff:\t0000001fffffffff
`

const kernelThread =
  'Name:\tkthreadd\nState:\tS (sleeping)\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\nCapEff:\t000001ffffffffff\n'

const kib = 1024

describe('parsePidStatus', () => {
  it('reads memory by kind, the real user and the threads', () => {
    expect(parsePidStatus(bash)).toEqual({
      kind: 'value',
      value: {
        rssBytes: 6161 * kib,
        anonBytes: 2080 * kib,
        fileBytes: 4080 * kib,
        shmemBytes: kib,
        swapBytes: 12 * kib,
        uid: 1000,
        threads: 3,
      },
    })
  })

  it('counts all RSS as anonymous where the kernel does not split it', () => {
    expect(parsePidStatus(old)).toMatchObject({
      value: {
        rssBytes: 5188 * kib,
        anonBytes: 5188 * kib,
        fileBytes: 0,
        shmemBytes: 0,
        swapBytes: 300 * kib,
      },
    })
  })

  it('finds no memory in kernel threads and zombies', () => {
    expect(parsePidStatus(kernelThread)).toMatchObject({
      value: { rssBytes: 0, anonBytes: 0, uid: 0, threads: 1 },
    })
  })

  it.each([
    // As kernel 6.18 prints the name `a<newline>Uid:<tab>0`: escaped.
    'a\\nUid:\t0',
    // Carriage return and the Unicode line separators begin a line for a regular expression, not for the kernel.
    'a\rUid:\t0\t0\t0',
    'a\u2028Uid:\t0',
    'a\rVmRSS:\t9 kB',
    // A kernel that would not escape it: the real line comes later.
    'a\nUid:\t0\t0\t0',
    'a\nThreads:\t99',
    'Uid:\t0',
  ])('is not misled by the name %j', (name) => {
    expect(parsePidStatus(bash.replace('Name:\tbash', `Name:\t${name}`))).toEqual(parsePidStatus(bash))
  })

  it('does not take a forged memory line of a zombie for real', () => {
    const zombie = kernelThread.replace('kthreadd', 'a\rVmRSS:\t9 kB')
    expect(parsePidStatus(zombie)).toMatchObject({ value: { rssBytes: 0 } })
  })

  it.each(['', 'Name:\tx\n', bash.slice(0, bash.indexOf('Threads')), bash.replace('1000\t1001', '-\t-')])(
    'refuses what has no user or no threads: %j',
    (text) => {
      expect(parsePidStatus(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
    },
  )

  it('takes a figure in another unit or beyond all numbers for none', () => {
    const text = bash.replace('2080 kB', '2080 MB').replace('6161 kB', `${'9'.repeat(30)} kB`)
    expect(parsePidStatus(text)).toMatchObject({ value: { rssBytes: 0, anonBytes: 0 } })
  })

  it('never throws, whatever is cut or put in', () => {
    fc.assert(
      fc.property(fc.nat(bash.length), fc.string({ unit: 'binary' }), fc.nat(40), (at, junk, cut) => {
        const reading = parsePidStatus(bash.slice(0, at) + junk + bash.slice(at + cut))
        if (reading.kind !== 'value') return reading.kind === 'failed'
        return Object.values(reading.value).every((n) => Number.isSafeInteger(n) && n >= 0)
      }),
    )
  })
})

describe('parseProcViewer', () => {
  it('has the file-access group, the others, and no right to trace', () => {
    expect(parseProcViewer(bash)).toEqual({
      kind: 'value',
      value: { groups: [1007, 4, 24, 27, 1000], mayTrace: false },
    })
  })

  it.each([
    ['000001ffffffffff', true],
    // Docker's default set for root.
    ['00000000a80425fb', false],
    ['0000000000080000', true],
  ])('CapEff %s: may trace %s', (capabilities, mayTrace) => {
    const text = bash.replace('CapEff:\t0000000000000000', `CapEff:\t${capabilities}`)
    expect(parseProcViewer(text)).toMatchObject({ value: { mayTrace } })
  })

  it.each(['', 'Name:\tx\n', bash.replace('CapEff:\t0000000000000000', 'CapEff:\tzz')])(
    'refuses %#',
    (text) => {
      expect(parseProcViewer(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
    },
  )

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (junk) => {
        parseProcViewer(junk)
        parseProcViewer(bash.replace('CapEff:\t', `CapEff:\t${junk}`))
      }),
    )
  })
})
