// Precision, recall, onset, forecast and speed of the leak verdict, beside the usual methods on the same series.
//
//   npm run bench:leak
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

const folder = mkdtempSync(join(tmpdir(), 'oh-bench-leak-'))
const outfile = join(folder, 'main.cjs')
try {
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  })
  createRequire(import.meta.url)(outfile)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
