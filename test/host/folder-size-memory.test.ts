import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bundle } from '../support/bundle.ts'
import { memoryFolder } from '../support/temp-folder.ts'

// In memory: on a disk, making and removing the files would take minutes.
const folder = memoryFolder('flat', 250_000)

it('a flat folder of 200,000 files takes no memory for its names', () => {
  const flat = join(folder, 'flat')
  mkdirSync(flat)
  try {
    const name = `merged_${'x'.repeat(40)}_%06.0f.ts`
    const fill = `seq -f ${name} 1 200000 | xargs -n 5000 touch`
    expect(spawnSync('sh', ['-c', fill], { cwd: flat }).status).toBe(0)
    const script = bundle('host/child/size-folder.ts', folder)
    const { stdout } = spawnSync(process.execPath, [script, flat], { encoding: 'utf8' })
    const { size, grownBytes } = JSON.parse(stdout)
    expect(size).toMatchObject({ kind: 'value', value: { files: 200_000, complete: true } })
    // 20 MB were measured, of garbage; a list of the names alone would be 20 MB more, of their paths 30 MB.
    expect(grownBytes).toBeLessThan(40 * 1024 * 1024)
  } finally {
    spawnSync('rm', ['-rf', flat])
  }
})
