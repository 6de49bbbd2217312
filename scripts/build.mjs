// Builds dist/. Our own code is split where it is loaded lazily: what every `check` needs lies in one file, cli.cjs,
// each other part in a file of its own below parts/, and each third-party package that is heavier than a few kB below
// vendor/, all read only when their door is opened. CJS, since it starts 5–10 ms faster than ESM.
//
//   node scripts/build.mjs [FOLDER=dist]
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = resolve(process.argv[2] ?? join(top, 'dist'))
const vendored = ['commander', 'execa', 'fs-extra', 'yaml', 'zx']
/** What runs every minute; with what it imports it goes into cli.cjs. */
const common = ['src/cli.ts', 'src/commands/check.ts', 'src/config/load.ts']
const { version } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'))

const cjs = {
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // A dynamic import() kept as such would start Node's ESM loader (+15 ms); as require() it costs only its file.
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  logLevel: 'warning',
}

rmSync(dist, { recursive: true, force: true })
mkdirSync(join(dist, 'parts'), { recursive: true })

const program = await writeProgram()
await build({
  ...cjs,
  bundle: true,
  entryPoints: vendored.map((name) => ({ in: name, out: name })),
  outdir: join(dist, 'vendor'),
  outExtension: { '.js': '.cjs' },
  minify: true,
  // Some packages ask for their own URL (`createRequire(import.meta.url)`); in CJS that is the file itself.
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: 'const __moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
})
const buildId = createHash('sha256').update(program).digest('hex').slice(0, 16)
await build({
  ...cjs,
  bundle: true,
  entryPoints: [join(top, 'src/start.ts')],
  outfile: join(dist, 'start.cjs'),
  define: { __BUILD__: JSON.stringify(buildId), __VERSION__: JSON.stringify(version) },
  minify: true,
})
compileAhead(buildId)
await writeLicences()

/** Each by its own file, whoever imports it. */
function vendorFiles() {
  return {
    name: 'vendor-files',
    setup(b) {
      b.onResolve({ filter: new RegExp(`^(${vendored.join('|')})$`) }, ({ path }) => ({
        path: `./vendor/${path}.cjs`,
        external: true,
      }))
    },
  }
}

/** cli.cjs and parts/. esbuild splits ESM only, so the parts are made by it and turned into CJS one by one. */
async function writeProgram() {
  const split = await build({
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: true,
    entryPoints: [join(top, 'src/cli.ts')],
    absWorkingDir: top,
    outdir: dist,
    write: false,
    metafile: true,
    // Native and optional: taken from node_modules where it is there.
    external: ['koffi'],
    outExtension: { '.js': '.cjs' },
    define: { __VERSION__: JSON.stringify(version) },
    // Half the text to parse at each start; names stay, so that the stack of a defect can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [vendorFiles()],
  })
  const { outputs } = split.metafile
  const needed = neededBy(outputs, common)
  const parts = []
  for (const { path, text } of split.outputFiles) {
    const name = basename(path)
    const { code } = await transform(text, { ...cjs, minifyWhitespace: true, minifySyntax: true })
    const body = `function(exports,require,module){${code}}`
    if (needed.has(name)) parts.push(`${JSON.stringify(`./${name}`)}:${body}`)
    else await writeFile(join(dist, 'parts', name), `module.exports=${body}\n`)
  }
  // Each part once, whoever asks first; a part from its file is a function as those in here are.
  const text = `const parts={${parts.join(',\n')}};
const loaded=new Map();
const load=(name)=>{
const known=loaded.get(name);
if(known!==undefined)return known.exports;
const make=parts[name]??(/^\\.\\/[^/]+$/.test(name)?require("./parts/"+name.slice(2)):null);
if(make===null)return require(name);
const part={exports:{}};
loaded.set(name,part);
make(part.exports,load,part);
return part.exports};
load("./cli.cjs");
`
  await writeFile(join(dist, 'cli.cjs'), text)
  return text
}

/** The output files that hold these sources, and all they import at once. */
function neededBy(outputs, sources) {
  const needed = new Set()
  const add = (path) => {
    const name = basename(path)
    if (needed.has(name)) return
    needed.add(name)
    for (const { path: next, kind } of outputs[path].imports)
      if (kind === 'import-statement' && outputs[next] !== undefined) add(next)
  }
  for (const [path, { entryPoint, inputs }] of Object.entries(outputs))
    if (sources.includes(entryPoint) || sources.some((source) => inputs[source] !== undefined)) add(path)
  return needed
}

/** Has V8's compiled form made by a real run, so that it holds the functions a run calls, and lays it beside the program. */
function compileAhead(id) {
  const work = mkdtempSync(join(tmpdir(), 'oratio-build-'))
  const target = join(dist, `${id}-${process.version}-${process.arch}.cache`)
  try {
    const run = [join(top, 'scripts/compile-ahead.cjs'), 'check']
    const folders = ['--state-dir', work, '--log-dir', work]
    const env = { ...process.env, ORATIO_BUILD_DIST: dist, ORATIO_BUILD_CACHE: target }
    spawnSync(process.execPath, [...run, ...folders], { stdio: 'ignore', timeout: 60_000, env })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

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
