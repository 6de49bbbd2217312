// Writes schema/config.json, which editors check a config by, from the fields that the program reads one with.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = mkdtempSync(join(tmpdir(), 'oh-schema-'))
const bundle = join(folder, 'schema.cjs')

try {
  await build({
    stdin: {
      contents: `
        import { jsonSchemaOf } from './src/config/json-schema.ts'
        import { configField } from './src/config/schema.ts'
        export const schema = jsonSchemaOf(configField)`,
      resolveDir: top,
      loader: 'ts',
    },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  })
  const { schema } = createRequire(import.meta.url)(bundle)
  const target = join(top, 'schema/config.json')
  writeFileSync(target, JSON.stringify(schema, null, 2))
  const { status } = spawnSync('npx', ['biome', 'format', '--write', target], { cwd: top, stdio: 'inherit' })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
