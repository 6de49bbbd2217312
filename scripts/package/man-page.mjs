// Writes the manual page, from the registry of the commands.
//
//   node scripts/package/man-page.mjs [FILE=man/oratio-health.1]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const top = join(dirname(fileURLToPath(import.meta.url)), '../..')
const target = resolve(process.argv[2] ?? join(top, 'man/oratio-health.1'))
const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'oratio-man-'))
const bundle = join(folder, 'man-page.cjs')

try {
  await build({
    entryPoints: [join(top, 'src/man-page.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['koffi'],
    logLevel: 'error',
  })
  const { manPageFor } = createRequire(import.meta.url)(bundle)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, await manPageFor(version))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
