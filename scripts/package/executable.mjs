// One file that runs without Node: Node's own binary with the files of dist/ in it (nodejs.org/api/single-executable-applications.html).
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, writeNode } from './node-binary.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Writes `target`; `work` is a folder for what is needed on the way. The blob is the same for every processor but for V8's compiled form. */
export const writeExecutable = async ({ architecture, dist, work, target, version }) => {
  const node = writeNode(architecture, work)
  const assets = Object.fromEntries(
    ['cli.cjs', ...filesOf(dist, 'parts'), ...filesOf(dist, 'vendor')].map((name) => [
      name,
      join(dist, name),
    ]),
  )
  const put = (name, content) => {
    assets[name] = join(work, `${name}-${architecture}`)
    writeFileSync(assets[name], content)
  }
  put('version', version)
  put(
    'licences',
    [join(dist, 'THIRD-PARTY-LICENSES.txt'), join(work, 'NODE-LICENSE')]
      .map((file) => readFileSync(file, 'utf8').replace(/[^\n\t\x20-\x7e]/g, '?'))
      .join(`\n${'-'.repeat(72)}\n`),
  )
  if (architecture === process.arch) assets['cli.cache'] = compiledAhead(node, dist, work)
  const blob = join(work, `blob-${architecture}`)
  const settings = join(work, `settings-${architecture}.json`)
  writeFileSync(
    settings,
    JSON.stringify({
      main: join(here, 'executable-main.cjs'),
      output: blob,
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false,
      // Of cron, and often of root: NODE_OPTIONS of whoever calls it is not for this program.
      execArgvExtension: 'none',
      assets,
    }),
  )
  // The form of the blob is of one version of Node, not of one processor.
  run(architecture === process.arch ? node : writeNode(process.arch, work), [
    '--experimental-sea-config',
    settings,
  ])
  copyFileSync(node, target)
  const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js')
  run(process.execPath, [postject, target, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse])
  chmodSync(target, 0o755)
}

const filesOf = (dist, folder) => readdirSync(join(dist, folder)).map((name) => `${folder}/${name}`)

/** As scripts/build.mjs makes it, by the Node that will read it. */
const compiledAhead = (node, dist, work) => {
  const target = join(work, 'cli.cache')
  const folders = ['--state-dir', join(work, 'state'), '--log-dir', join(work, 'log')]
  const env = { PATH: process.env.PATH, HOME: work, ORATIO_BUILD_DIST: dist, ORATIO_BUILD_CACHE: target }
  for (let i = 0; i < 2; i++) runAny(node, [join(here, '../compile-ahead.cjs'), 'check', ...folders], env)
  return target
}

/** A check ends with a verdict on this machine, whatever it is. */
const runAny = (node, args, env) => {
  try {
    run(node, args, { env, timeout: 60_000 })
  } catch {
    // What was asked for is a file; without it the next step fails.
  }
}
