// Builds dist/: our own code in one CJS file (a CJS bundle starts 5–10 ms faster than an ESM one), each third-party
// package that is heavier than a few kB in a file of its own under dist/vendor/, read only when its door is opened.
//
//   node scripts/build.mjs [FOLDER=dist]
import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = resolve(process.argv[2] ?? join(top, 'dist'))
const vendored = ['commander', 'execa', 'fs-extra', 'yaml', 'zx']
const { version } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'))

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // A dynamic import() kept as such would start Node's ESM loader (+15 ms); as require() it costs only its file.
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  logLevel: 'warning',
}

rmSync(dist, { recursive: true, force: true })

await build({
  ...common,
  entryPoints: [join(top, 'src/cli.ts')],
  // Native and optional: taken from node_modules where it is there.
  external: ['koffi'],
  outfile: join(dist, 'cli.cjs'),
  define: { __VERSION__: JSON.stringify(version) },
  // Half the text to parse at each start; names stay, so that the stack of a defect can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [
    {
      name: 'vendor-files',
      setup(b) {
        b.onResolve({ filter: new RegExp(`^(${vendored.join('|')})$`) }, ({ path }) => ({
          path: `./vendor/${path}.cjs`,
          external: true,
        }))
      },
    },
  ],
})

await build({
  ...common,
  entryPoints: vendored.map((name) => ({ in: name, out: name })),
  outdir: join(dist, 'vendor'),
  outExtension: { '.js': '.cjs' },
  minify: true,
  // Some packages ask for their own URL (`createRequire(import.meta.url)`); in CJS that is the file itself.
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: 'const __moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
})

await writeLicences()

/** The packages inside the bundle ask that their licence texts travel along. */
async function writeLicences() {
  const parts = []
  for (const name of [...vendored, 'dayjs']) {
    const folder = join(top, 'node_modules', name)
    const { license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const texts = await Promise.all(
      ['LICENSE', 'license', 'LICENSE.md'].map((file) =>
        readFile(join(folder, file), 'utf8').catch(() => ''),
      ),
    )
    parts.push(`${name} (${license})\n\n${texts.find((text) => text !== '') ?? ''}`)
  }
  await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), parts.join(`\n${'-'.repeat(72)}\n`))
}
