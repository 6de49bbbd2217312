import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from './support/temp-folder.ts'

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

const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, to = '']) => to)
    .filter((to) => !/^https?:/.test(to))
const pages = ['README.md', ...readdirSync(join(top, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)

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

  it('has all that its pages lead to, from npm', () => {
    const { files } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { files: string[] }
    const shipped = ['README.md', 'LICENSE', 'package.json', ...files]
    const lacking = pages.flatMap((page) =>
      [page, ...linksIn(readFileSync(join(top, page), 'utf8')).map((to) => normalize(join(page, '..', to)))]
        .filter((path) => !shipped.some((one) => path === one || path.startsWith(`${one}/`)))
        .map((path) => `${page}: ${path}`),
    )
    expect(lacking).toEqual([])
  })

  it('has all that its pages lead to, from Debian', async () => {
    const { putDocs } = await import(join(scripts, 'deb.mjs'))
    const root = tempFolder('deb-docs')
    const doc = join(root, 'usr/share/doc/oratio-health')
    cpSync(join(top, 'schema'), join(root, 'usr/share/oratio-health/schema'), { recursive: true })
    putDocs(top, doc)
    for (const name of ['config.example.yaml', 'crontab.example', 'examples/config.yaml', 'examples/crontab'])
      expect(existsSync(join(doc, name))).toBe(true)
    const lacking = pages.flatMap((page) =>
      linksIn(readFileSync(join(doc, page), 'utf8')).filter((to) => !existsSync(join(doc, page, '..', to))),
    )
    expect(lacking).toEqual([])
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
