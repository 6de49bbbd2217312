import { mkdirSync, type readSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readKernelRing } from '../../src/host/kernel-ring.ts'
import { capturedBase, liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('kernel-ring')
let count = 0

/** A root whose /dev/kmsg is a file of no matter what: `read` stands for the kernel. */
const baseWith = (prepare: (folder: string) => void) => {
  const root = join(top, `${count++}`)
  mkdirSync(join(root, 'dev'), { recursive: true })
  prepare(join(root, 'dev'))
  return { ...liveBase, root, at: (path: string) => root + path }
}
const base = () => baseWith((folder) => writeFileSync(join(folder, 'kmsg'), ''))

/** A kernel that gives one record a read, or an error, and then has no more. */
const kernelOf = (answers: (string | { code: string })[], after: string | { code: string }) => {
  const rest = [...answers]
  const read = (_: number, into: Buffer): number => {
    const answer = rest.shift() ?? after
    if (typeof answer === 'string') return into.write(answer)
    throw Object.assign(new Error(answer.code), answer)
  }
  return { read: read as unknown as typeof readSync }
}

const lines = async (kernel: ReturnType<typeof kernelOf>, maxMs = 20_000) => {
  const found: string[] = []
  const read = await readKernelRing(base(), (line) => found.push(line), { maxMs }, kernel)
  return { found, read }
}

describe('the ring buffer of the kernel by /dev/kmsg', () => {
  it('is one line a record, without what is said of the device, until there is no more', async () => {
    const { found, read } = await lines(
      kernelOf(['6,1,5,-;one\n SUBSYSTEM=usb\n DEVICE=+usb:1\n', '4,2,6,-;two\n'], { code: 'EAGAIN' }),
    )
    expect(found).toEqual(['6,1,5,-;one', '4,2,6,-;two'])
    expect(read).toMatchObject({ kind: 'value', value: { lines: 2, complete: true } })
  })

  it('is read on behind records that were overwritten, and not complete then', async () => {
    const { found, read } = await lines(
      kernelOf(['6,1,5,-;one\n', { code: 'EPIPE' }, '6,9,9,-;nine\n'], { code: 'EAGAIN' }),
    )
    expect(found).toEqual(['6,1,5,-;one', '6,9,9,-;nine'])
    expect(read).toMatchObject({ value: { complete: false } })
  })

  it('that is written as fast as it is read ends with its time', async () => {
    const { read } = await lines(kernelOf([], '6,1,5,-;again\n'), 50)
    expect(read).toMatchObject({ value: { complete: false } })
  })

  it('that may not be read, or breaks, is a failure; none, and that of a captured host, is absent', async () => {
    expect((await lines(kernelOf([], { code: 'EPERM' }))).read).toMatchObject({ cause: 'denied' })
    expect((await lines(kernelOf([], { code: 'EIO' }))).read).toMatchObject({ cause: 'io' })
    const ask = (from: Parameters<typeof readKernelRing>[0]) =>
      readKernelRing(from, () => {}, { maxMs: 1000 })
    expect(await ask(baseWith(() => {}))).toMatchObject({ kind: 'absent' })
    expect(await ask(baseWith((folder) => symlinkSync('nowhere', join(folder, 'kmsg'))))).toMatchObject({
      kind: 'absent',
    })
    expect(await ask(capturedBase(top))).toMatchObject({ kind: 'absent' })
  })

  it('of this machine is read without waiting, or says why not', async () => {
    const found: string[] = []
    const read = await readKernelRing(liveBase, (line) => found.push(line), { maxMs: 20_000 })
    if (read.kind !== 'value') {
      expect(read.kind === 'absent' || read.cause === 'denied').toBe(true)
      return
    }
    expect(read.value.lines).toBe(found.length)
    for (const line of found) expect(line).toMatch(/^\d+,\d+,\d+,[^;]*;/)
  })
})
