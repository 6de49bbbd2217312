import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * The packages whose code is in dist/, by what a bundler takes in, not by what package.json says. `parts`: what such a
 * package has within itself, by its own list.
 */
export const bundledPackages = async (top) => {
  const { metafile } = await build({
    absWorkingDir: top,
    entryPoints: ['src/cli.ts', 'src/page/main.ts', 'src/sweep-helper.ts', 'src/start.ts'],
    outdir: 'unused',
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['koffi'],
    logLevel: 'error',
  })
  const folders = new Set()
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder)
    }
  const lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8'))
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(top, folder, 'package.json'), 'utf8'))
    return {
      name,
      version,
      licence: license,
      integrity: lock.packages[folder]?.integrity ?? null,
      text: firstText(['LICENSE', 'license', 'LICENSE.md', 'LICENCE', 'LICENSE.txt'], join(top, folder)),
      parts: partsOf(firstText(['build/3rd-party-licenses'], join(top, folder))),
    }
  })
}

const firstText = (names, folder) => {
  for (const name of names) {
    try {
      return readFileSync(join(folder, name), 'utf8').trim()
    } catch {
      // The next name.
    }
  }
  return ''
}

/** `name@1.2.3`, then author, repository and licence, each in a line of its own (zx's list). */
const partsOf = (list) =>
  [...list.matchAll(/^((?:@[\w.-]+\/)?[\w.-]+)@(\d\S*)\n {2}.*\n {2}.*\n {2}(.+)$/gm)].map(
    ([, name, version, licence]) => ({ name, version, licence }),
  )
