import {
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Keeping } from '../../src/config/kept.ts'
import { loadConfig } from '../../src/config/load.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { Host } from '../../src/host/host.ts'
import { makeSave } from '../../src/host/save.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const host = {
  live: true,
  uid: liveBase.uid,
  env: { LIMIT: '1G' },
  files: makeFiles(liveBase),
  save: makeSave(liveBase, () => 0),
} as unknown as Host

const text = 'services:\n  app: { process: my-app, memory: { warn: 1G } }\n'
interface Warned {
  warn: { bytes: number }
}

const warnBytes = 1024 ** 3

/** A config, the folder for what it came to, and what a run makes of it. */
const setUp = (config = text) => {
  const folder = tempFolder('kept-config')
  const file = join(folder, 'config.yaml')
  writeFileSync(file, config, { mode: 0o600 })
  const keeping: Keeping = { path: join(folder, 'config.json'), build: 'one', writes: true }
  const load = async (other: Partial<Keeping> = {}) =>
    (await loadConfig(host, file, { ...keeping, ...other })).config
  const warnOf = async (other: Partial<Keeping> = {}): Promise<unknown> =>
    ((await load(other)).services.app?.checks.memory as Warned | undefined)?.warn.bytes
  /** Only a run that takes what is kept sees this. */
  const mark = (): void =>
    writeFileSync(keeping.path, readFileSync(keeping.path, 'utf8').replace(String(warnBytes), '7'))
  return { folder, file, path: keeping.path, load, warnOf, mark }
}

describe('what a config came to', () => {
  it('is kept, and taken by the next run in place of the text', async () => {
    const { path, load, warnOf, mark } = setUp()
    const first = await load()
    expect(await load()).toEqual(first)
    expect(Object.keys(first.services)).toEqual(['app'])
    mark()
    expect(await warnOf()).toBe(7)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('is not taken for another text, nor by another build', async () => {
    const { file, warnOf, mark } = setUp()
    await warnOf()
    mark()
    expect(await warnOf({ build: 'two', writes: false })).toBe(warnBytes)
    expect(await warnOf({ writes: false })).toBe(7)
    writeFileSync(file, text.replace('1G', '2G'))
    expect(await warnOf()).toBe(2 * warnBytes)
    expect(await warnOf()).toBe(2 * warnBytes)
  })

  it('is not taken from where others could have written it', async () => {
    const { folder, path, warnOf, mark } = setUp()
    await warnOf()
    mark()
    chmodSync(path, 0o666)
    expect(await warnOf({ writes: false })).toBe(warnBytes)
    chmodSync(path, 0o600)
    chmodSync(folder, 0o777)
    await expect(warnOf({ writes: false }).catch(() => warnBytes)).resolves.toBe(warnBytes)
    chmodSync(folder, 0o750)
    expect(await warnOf({ writes: false })).toBe(7)
    renameSync(path, `${path}.elsewhere`)
    symlinkSync(`${path}.elsewhere`, path)
    expect(await warnOf({ writes: false })).toBe(warnBytes)
  })

  it.each(['', '{', '[]', 'null', '{"build":"one"}', '\0'])(
    'is read anew where %j stands there',
    async (broken) => {
      const { path, warnOf } = setUp()
      writeFileSync(path, broken)
      expect(await warnOf()).toBe(warnBytes)
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ text })
    },
  )

  it.each([
    ['a variable', text.replace('1G', '"$' + '{LIMIT}"')],
    ['a secret', `${text}notify: [{ webhook: "https://example.org/hook/x" }]\n`],
    ['a secret in a comment', `${text}# http://user:hunter22@example.org/\n`],
    ['errors', text.replace('1G', 'much')],
  ])('is not kept where the text has %s', async (_, config) => {
    const { path, load } = setUp(config)
    await load().catch(() => null)
    expect(existsSync(path)).toBe(false)
  })

  it('is not kept by a run that writes nothing', async () => {
    const { path, load } = setUp()
    await load({ writes: false })
    expect(existsSync(path)).toBe(false)
  })
})
