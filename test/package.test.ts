import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'

const top = join(import.meta.dirname, '..')
const scripts = join(top, 'scripts/package')

interface Packed {
  name: string
  version: string
  licence: string
  text: string
  integrity: string | null
  parts: { name: string; version: string; licence: string }[]
}

const found: { packages: Packed[] } = { packages: [] }
const named = (name: string): Packed | undefined => found.packages.find((one) => one.name === name)

beforeAll(async () => {
  const { bundledPackages } = await import(join(scripts, 'bundled.mjs'))
  found.packages = await bundledPackages(top)
})

describe('what is in the packages', () => {
  it('is told by the bundle: also what others bring along, and nothing of development', () => {
    const names = found.packages.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['commander', 'execa', 'get-stream', 'uplot', 'yaml', 'zx']))
    for (const absent of ['vitest', 'esbuild', 'koffi', 'typescript']) expect(names).not.toContain(absent)
    // zx has a bundle of its own within.
    expect(named('zx')?.parts).toContainEqual(expect.objectContaining({ name: 'chalk', licence: 'MIT' }))
    expect(named('zx')?.parts.length).toBeGreaterThan(20)
  })

  it('has a licence with its text, and a checksum, for each', () => {
    const lacking = found.packages.filter(
      ({ licence, text, integrity }) => !licence || text.length < 200 || !integrity?.startsWith('sha512-'),
    )
    expect(lacking.map(({ name }) => name)).toEqual([])
  })

  it('becomes an SBOM that CycloneDX’s own schema takes, and one that is wrong is refused', async () => {
    const { sbomOf, validateSbom } = await import(join(scripts, 'sbom.mjs'))
    const given = { version: '1.2.3', packages: found.packages, madeAt: new Date(0) }
    const document = sbomOf({ ...given, node: '24.0.0' })
    await validateSbom(document)
    expect(document.components.map(({ purl }: { purl: string }) => purl)).toEqual(
      expect.arrayContaining([
        'pkg:generic/node@24.0.0',
        expect.stringMatching(/^pkg:npm\/%40sindresorhus\/merge-streams@\d/),
      ]),
    )
    const refs: string[] = document.components.flatMap((one: { 'bom-ref': string; components?: never[] }) => [
      one['bom-ref'],
      ...(one.components ?? []).map((part) => part['bom-ref']),
    ])
    expect(new Set(refs).size).toBe(refs.length)
    expect(sbomOf({ ...given, node: '24.0.0' })).toEqual(document)
    expect(sbomOf({ ...given, node: null }).serialNumber).not.toBe(document.serialNumber)
    await expect(validateSbom({ ...document, components: [{ name: 'x' }] })).rejects.toThrow(
      'not CycloneDX 1.6',
    )
  })
})
