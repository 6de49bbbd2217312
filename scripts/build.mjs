// Builds dist/. What every `check` needs lies in cli.cjs, what it needs where there are services in services.cjs, what
// changes the machine in changes.cjs; each part that is loaded seldom in a file of its own below parts/, and each
// third-party package that is heavier than a few kB below vendor/, all read only when their door is opened. CJS, since it
// starts 5–10 ms faster than ESM.
//
//   node scripts/build.mjs [FOLDER=dist]
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { rolldown } from 'rolldown'
import { bundledPackages } from './package/bundled.mjs'
import { runToLook, usualRun } from './usual-run.mjs'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = resolve(process.argv[2] ?? join(top, 'dist'))
/**
 * What runs often, in three files, each with V8's compiled form: cli.cjs what any `check` needs, services.cjs what it
 * needs besides where there are services, changes.cjs what changes the machine. Each with what it imports. In counts.cjs
 * lies what commands ask for that change nothing, which are not to load the last one for it.
 */
const groups = [
  {
    name: 'cli',
    entries: ['src/cli.ts', 'src/commands/check.ts', 'src/commands/record-history.ts', 'src/config/load.ts'],
  },
  {
    name: 'services',
    entries: [
      'src/checks/observe/asked-services.ts',
      'src/checks/probes/run-probes.ts',
      'src/commands/heal.ts',
      'src/host/engine.ts',
      'src/host/http.ts',
      'src/host/systemd.ts',
    ],
  },
  { name: 'counts', entries: ['src/commands/run-failures.ts', 'src/store/totals.ts'] },
  {
    name: 'changes',
    entries: [
      'src/commands/cleanup-tmp.ts',
      'src/commands/cleanup/clean-up.ts',
      'src/commands/cleanup/rules.ts',
      'src/host/apply.ts',
      'src/host/tree.ts',
    ],
  },
]
const vendored = ['commander', 'execa', 'fs-extra', 'yaml', 'zx']
const { version } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'))

rmSync(dist, { recursive: true, force: true })
mkdirSync(join(dist, 'parts'), { recursive: true })

const cjs = {
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  bundle: true,
  minify: true,
  logLevel: 'warning',
}
const buildId = await idOfSources()
await writeProgram()
// A process of its own that cleanup-tmp starts, looked for beside the file that starts it.
await build({
  ...cjs,
  entryPoints: [join(top, 'src/sweep-helper.ts')],
  outfile: join(dist, 'sweep-helper.cjs'),
  external: ['koffi'],
  // As below: an import() kept as such would start Node's ESM loader.
  supported: { 'dynamic-import': false },
  minifyWhitespace: true,
  minifySyntax: true,
})
await build({
  ...cjs,
  entryPoints: vendored.map((name) => ({ in: name, out: name })),
  outdir: join(dist, 'vendor'),
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  // Some packages ask for their own URL (`createRequire(import.meta.url)`); in CJS that is the file itself.
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: 'const __moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
})
await writePage()
await build({
  ...cjs,
  entryPoints: [join(top, 'src/start.ts')],
  outfile: join(dist, 'start.cjs'),
  define: { __BUILD__: JSON.stringify(buildId), __VERSION__: JSON.stringify(version) },
})
await compileAhead(buildId)
await writeLicences()

/** What the page of `report` carries: its script with the chart library, that library's style, the script's hash. */
async function writePage() {
  const { outputFiles } = await build({
    entryPoints: [join(top, 'src/page/main.ts')],
    bundle: true,
    minify: true,
    // Inside an HTML page: `</script` in a string of it would end it; esbuild writes `<\\/script`.
    platform: 'browser',
    format: 'iife',
    target: ['es2022'],
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  })
  const script = outputFiles[0].text.trim()
  const style = (await readFile(join(top, 'node_modules/uplot/dist/uPlot.min.css'), 'utf8')).trim()
  const hash = `sha256-${createHash('sha256').update(script).digest('base64')}`
  const folder = join(top, 'node_modules/uplot')
  const library = `uPlot ${JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).version}`
  // Each page is a copy of the library, and its licence asks to travel along.
  const licence = (await readFile(join(folder, 'LICENSE'), 'utf8')).trim()
  const page = { script, style, hash, library, licence }
  await writeFile(join(dist, 'parts/report-page.json'), JSON.stringify(page))
}

/** Of all that the program is made of: what is kept by one build (compiled code, a config as parsed) is for no other. */
async function idOfSources() {
  const sources = (await readdir(join(top, 'src'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  )
  const files = ['package.json', 'scripts/build.mjs', ...sources.sort().map((name) => `src/${name}`)]
  const hash = createHash('sha256')
  for (const file of files)
    hash.update(`${file}\0`).update(
      createHash('sha256')
        .update(await readFile(join(top, file)))
        .digest(),
    )
  return hash.digest('hex').slice(0, 16)
}

/** cli.cjs and parts/. */
async function writeProgram() {
  const bundle = await rolldown({
    cwd: top,
    input: { cli: 'src/cli.ts' },
    platform: 'node',
    // Native and optional: taken from node_modules where it is there.
    external: ['koffi'],
    transform: {
      target: 'node20',
      define: { __BUILD__: JSON.stringify(buildId), __VERSION__: JSON.stringify(version) },
    },
    treeshake: { moduleSideEffects: false },
    plugins: [vendorFiles()],
    // watch runs what lies in cli.cjs in any case.
    checks: { ineffectiveDynamicImport: false },
  })
  const { output } = await bundle.generate({
    format: 'cjs',
    exports: 'named',
    // Names stay, so that the stack of a defect can be read.
    minify: { mangle: false, compress: true, codegen: true },
    entryFileNames: '[name].cjs',
    chunkFileNames: ({ name }) =>
      groups.some((group) => group.name === name) ? '[name].cjs' : 'parts/[name]-[hash].cjs',
    codeSplitting: { groups: chunkGroups() },
  })
  // ASCII alone needs no decoding, and half the memory in V8. An import() kept as such would start Node's ESM loader
  // (+15 ms); as require() it costs only its file.
  const plain = {
    charset: 'ascii',
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    legalComments: 'none',
  }
  const runtime = output.find(({ fileName }) => /rolldown-runtime/.test(fileName))
  for (const { fileName, code } of output) {
    const whole = fileName === 'cli.cjs' ? withRuntime(code, runtime) : code
    const text = (await transform(whole, plain)).code
    // Patterns stay as they are written, and start.ts would read two letters for one.
    const foreign = /[^\x00-\x7f]/.exec(text)
    if (foreign !== null && !fileName.startsWith('parts/'))
      throw new Error(
        `${fileName} is not ASCII: …${text.slice(Math.max(0, foreign.index - 40), foreign.index + 9)}…`,
      )
    const vendor = fileName.startsWith('parts/') ? '../vendor/' : './vendor/'
    await writeFile(join(dist, fileName), text.replace(/(?<=require\(")vendor:([a-z-]+)/g, `${vendor}$1.cjs`))
  }
}

/** Every run would open its file of a few lines otherwise; the parts keep theirs. */
function withRuntime(code, runtime) {
  if (runtime === undefined) return code
  const asked = new RegExp(`require\\(["'\`]\\./${runtime.fileName}["'\`]\\)`)
  if (!asked.test(code)) throw new Error('cli.cjs does not ask for the runtime in a known way')
  return code.replace(asked, () => `(()=>{const exports={};${runtime.code};return exports})()`)
}

/** Each by its own file, whoever imports it. */
function vendorFiles() {
  return {
    name: 'vendor-files',
    resolveId: {
      filter: { id: new RegExp(`^(${vendored.join('|')})$`) },
      handler: (id) => ({ id: `vendor:${id}`, external: true }),
    },
  }
}

/** A source is of the first group that imports it, statically; the rest is split where it is imported. */
function chunkGroups() {
  let names = null
  const nameOf = (id, graph) => {
    if (names === null) {
      names = new Map()
      const add = (one, name) => {
        if (names.has(one)) return
        names.set(one, name)
        for (const next of graph.getModuleInfo(one)?.importedIds ?? []) add(next, name)
      }
      for (const { name, entries } of groups) for (const entry of entries) add(join(top, entry), name)
    }
    return names.get(id) ?? null
  }
  // A group takes what its sources import with them, so the first has to choose first.
  return groups.map(({ name }, i) => ({
    name: (id, graph) => (nameOf(id, graph) === name ? name : null),
    debugName: name,
    priority: groups.length - i,
  }))
}

/** Has V8's compiled forms made by real runs, so that they hold what a run calls, and lays them beside the program. */
async function compileAhead(id) {
  const script = join(top, 'scripts/compile-ahead.cjs')
  const cacheOf = (name) => join(dist, `${name}-${id}-${process.version}-${process.arch}.cache`)
  const env = (name) => ({
    ...process.env,
    ORATIO_BUILD_DIST: dist,
    ORATIO_BUILD_CACHES: JSON.stringify({ [name]: cacheOf(name) }),
  })
  const work = mkdtempSync(join(tmpdir(), 'oratio-build-'))
  try {
    const own = join(work, 'own')
    const run = (name, ...args) =>
      runToLook([script, ...args, '--state-dir', own, '--log-dir', own], env(name))
    // The second run finds the state of the first, as every run but the first of all does.
    for (let i = 0; i < 2; i++) await run('cli', 'check')
    const tree = makeStaleTree(join(work, 'tree'))
    await run('changes', 'cleanup-tmp', '--by', 'mtime', tree)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  await usualRun(script, env('services'))
}

/** Some folders of files, every other one old. */
function makeStaleTree(tree) {
  for (let folder = 0; folder < 10; folder++) {
    mkdirSync(join(tree, String(folder)), { recursive: true })
    for (let file = 0; file < 20; file++) {
      const path = join(tree, String(folder), String(file))
      writeFileSync(path, '')
      if (file % 2 === 0) utimesSync(path, 0, 0)
    }
  }
  return tree
}

/** The packages inside the bundle ask that their licence texts travel along. */
async function writeLicences() {
  const parts = (await bundledPackages(top)).map(({ name, version, licence, text, parts: within }) =>
    [
      `${name} ${version} (${licence})`,
      ...within.map((part) => `  with ${part.name} ${part.version} (${part.licence})`),
      `\n${text}`,
    ].join('\n'),
  )
  await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), parts.join(`\n${'-'.repeat(72)}\n`))
}
