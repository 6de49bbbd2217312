import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bundleWithCalls } from '../../support/bundle-with-calls.ts'
import { byMtime, cleanupPlace, old } from '../../support/cleanup-place.ts'
import { until } from '../../support/process-family.ts'
import { memoryFolder } from '../../support/temp-folder.ts'

// The whole program with its helper process, which begins long before 2,000 folders are done.
const top = memoryFolder('time-up')
const fast = join(top, 'fast')
const program = bundleWithCalls(fast)
const [folders, files] = [2000, 10]

const filesIn = (root: string): number =>
  (readdirSync(root, { recursive: true }) as string[]).filter((name) => name.includes('/')).length

const fill = (root: string): void => {
  for (let f = 0; f < folders; f++) {
    mkdirSync(join(root, `d${f}`), { recursive: true })
    for (let i = 0; i < files; i++) {
      writeFileSync(join(root, `d${f}/${i}`), '')
      utimesSync(join(root, `d${f}/${i}`), old, old)
    }
  }
}

const helpers = (): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${fast}/sweep-helper`)
      )
    } catch {
      return false
    }
  })

it('cleanup-tmp whose time is up in the middle of 2,000 folders says so, and the next run does the rest', {
  timeout: 300_000,
}, async () => {
  const { tmp, clean } = cleanupPlace(top, program)
  fill(tmp)
  const all = folders * files
  let cut = { removed: 0, unfinished: false, left: 0 }
  // How long this machine takes to start, and then for the folders, is not known: between a time that was too short and one that
  // was enough.
  let [tooShort, enough, ms] = [0, Number.POSITIVE_INFINITY, 400]
  while (!cut.unfinished || cut.removed === 0 || cut.left === 0) {
    if (filesIn(tmp) < all) fill(tmp)
    const { code, document, text } = await clean(tmp, ...byMtime, '--timeout', `${ms}ms`)
    await until(() => helpers().length === 0)
    const left = filesIn(tmp)
    // With nothing left it was up after the last file, before the helper had told of it.
    if (left === 0) enough = ms
    else tooShort = ms
    // The machine was busier in one run than in the other: from the beginning.
    if (enough - tooShort < 2) [tooShort, enough, ms] = [0, Number.POSITIVE_INFINITY, 400]
    else ms = Math.round(enough === Number.POSITIVE_INFINITY ? ms * 1.5 : (tooShort + enough) / 2)
    if (document?.removed === undefined) {
      // It was up before anything was looked at.
      expect({ code, text }).toEqual({ code: 3, text: expect.stringContaining('did not end within') })
      continue
    }
    cut = { ...document, left }
    // Where the helper had to be ended, what it removed of its last folder is untold.
    const untold = all - left - document.removed
    expect(untold).toBeGreaterThanOrEqual(0)
    expect(untold).toBeLessThanOrEqual(files)
    expect({ code, failed: document.failed }).toEqual({ code: document.unfinished ? 1 : 0, failed: [] })
  }
  const rest = await clean(tmp, ...byMtime)
  expect(rest).toMatchObject({ code: 0, document: { unfinished: false, failed: [] } })
  expect(rest.document.removed).toBe(cut.left)
  expect(filesIn(tmp)).toBe(0)
})
