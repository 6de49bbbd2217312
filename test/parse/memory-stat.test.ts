import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMemoryLimit, parseMemoryStatV1, parseMemoryStatV2 } from '../../src/parse/memory-stat.ts'

/** Kernel 6.18, the root of a hybrid host; the lines that are not used are left out. */
const v1 = `cache 9232384
rss 13152256
rss_huge 0
shmem 8998912
swap 0
inactive_file 16384
active_file 217088
hierarchical_memory_limit 9223372036854771712
hierarchical_memsw_limit 9223372036854771712
total_cache 226758656
total_rss 378490880
total_rss_huge 310378496
total_shmem 8998912
total_swap 4096
total_inactive_anon 365137920
total_inactive_file 133050368
total_active_file 84709376
`

/** Kernel 3.10: no shmem, and no swap without `swapaccount=1`. */
const v1Old = `cache 6225920
rss 69144576
mapped_file 253952
pgpgin 34273
inactive_file 5275648
hierarchical_memory_limit 536870912
total_cache 6225920
total_rss 69144576
total_mapped_file 253952
total_inactive_file 5275648
total_unevictable 0
`

/** Kernel 6.1. */
const v2 = `anon 790425600
file 6502666240
kernel 446648320
kernel_stack 7012352
pagetables 8867840
sec_pagetables 0
percpu 2445520
sock 40960
vmalloc 2240512
shmem 6721536
zswap 0
file_mapped 656187392
anon_thp 438304768
inactive_anon 892223488
active_anon 2973696
inactive_file 5307346944
active_file 1179316224
unevictable 31477760
slab_reclaimable 348866240
slab_unreclaimable 10099808
slab 358966048
workingset_refault_anon 0
pgfault 103216687
`

describe('parseMemoryStatV1', () => {
  it('takes the figures of the whole subtree', () => {
    expect(parseMemoryStatV1(v1)).toEqual({
      kind: 'value',
      value: {
        anonBytes: 378_490_880,
        fileBytes: 226_758_656,
        shmemBytes: 8_998_912,
        swapBytes: 4096,
        inactiveFileBytes: 133_050_368,
        kernelBytes: null,
        slabReclaimableBytes: null,
        socketBytes: null,
        hierarchicalLimitBytes: Infinity,
      },
    })
  })

  it('reads kernel 3.10', () => {
    expect(parseMemoryStatV1(v1Old)).toMatchObject({
      value: { anonBytes: 69_144_576, shmemBytes: 0, swapBytes: null, hierarchicalLimitBytes: 536_870_912 },
    })
  })

  it('refuses the file of v2', () => {
    expect(parseMemoryStatV1(v2)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })
})

describe('parseMemoryStatV2', () => {
  it('reads kernel 6.1', () => {
    expect(parseMemoryStatV2(v2)).toEqual({
      kind: 'value',
      value: {
        anonBytes: 790_425_600,
        fileBytes: 6_502_666_240,
        shmemBytes: 6_721_536,
        swapBytes: null,
        inactiveFileBytes: 5_307_346_944,
        kernelBytes: 446_648_320,
        slabReclaimableBytes: 348866240,
        socketBytes: 40_960,
        hierarchicalLimitBytes: null,
      },
    })
  })

  it('adds up the kernel memory before Linux 5.18', () => {
    const kernelBytes = 7_012_352 + 8_867_840 + 2_445_520 + 2_240_512 + 358_966_048
    expect(parseMemoryStatV2(v2.replace(/^kernel .*\n/m, ''))).toMatchObject({ value: { kernelBytes } })
  })

  it('does not know the kernel memory where no part of it is told', () => {
    expect(parseMemoryStatV2('anon 1\nfile 2\n')).toMatchObject({
      value: { kernelBytes: null, socketBytes: null },
    })
  })

  it('refuses the file of v1', () => {
    expect(parseMemoryStatV2(v1)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })
})

describe('both', () => {
  it.each([
    '',
    'anon\nfile\nrss\ncache\n',
    'anon -1\nfile 2\nrss -1\ncache 2\n',
    'anon  1\nfile  1\n',
    'xrss 1\ncache 2\n',
  ])('refuse %j', (text) => {
    expect(parseMemoryStatV1(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
    expect(parseMemoryStatV2(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('never throw, and no figure is negative or NaN', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(v1, v1Old, v2),
        fc.nat(700),
        fc.string({ unit: 'binary' }),
        fc.nat(60),
        (text, at, junk, cut) => {
          const broken = text.slice(0, at) + junk + text.slice(at + cut)
          for (const reading of [parseMemoryStatV1(broken), parseMemoryStatV2(broken)]) {
            if (reading.kind === 'value') {
              expect(Object.values(reading.value).every((n) => n === null || n >= 0)).toBe(true)
            }
          }
        },
      ),
    )
  })
})

describe('parseMemoryLimit', () => {
  it.each([
    ['max\n', null],
    ['268435456\n', 268_435_456],
    ['0\n', 0],
    // 4, 16 and 64 KiB pages; before Linux 3.19; 32 bits.
    ['9223372036854771712\n', null],
    ['9223372036854759424\n', null],
    ['9223372036854710272\n', null],
    ['9223372036854775807\n', null],
    ['18446744073709551615\n', null],
    ['8796093018112\n', null],
    ['8796093022208\n', 8_796_093_022_208],
  ])('%j', (text, bytes) => {
    expect(parseMemoryLimit(text)).toEqual({ kind: 'value', value: bytes })
  })

  it.each(['', '\n', 'maximum', '-1', '1.5', '1G', '0x10', 'max 5'])('refuses %j', (text) => {
    expect(parseMemoryLimit(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })
})
