// One file that runs without Node: Node's own binary with the files of dist/ in it (nodejs.org/api/single-executable-applications.html).
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, writeNode } from './node-binary.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * Builds dist/ with the Node that will run it, so that V8's compiled forms are of that; the sources are as in the other
 * packages. Answers with the folder.
 */
export const buildForExecutables = (work) => {
  const dist = join(work, 'dist')
  run(writeNode(process.arch, work), [join(here, '../build.mjs'), dist])
  return dist
}

/** Writes `target`; `work` is a folder for what is needed on the way. The blob is the same for every processor but for V8's compiled form. */
export const writeExecutable = async ({ architecture, dist, work, target, version }) => {
  const node = writeNode(architecture, work)
  const assets = {}
  for (const name of ['.', 'parts', 'vendor'].flatMap((folder) => filesOf(dist, folder))) {
    const [, compiled] = /^(\w+)-\w+-v[\d.]+-\w+\.cache$/.exec(name) ?? []
    if (compiled !== undefined && architecture === process.arch)
      assets[`${compiled}.cache`] = join(dist, name)
    if (/\.(?:cjs|json)$/.test(name) && name !== 'start.cjs') assets[name] = join(dist, name)
  }
  if (architecture === process.arch && assets['cli.cache'] === undefined)
    throw new Error(`${dist} has no compiled form of cli.cjs`)
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

const filesOf = (dist, folder) =>
  readdirSync(join(dist, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => (folder === '.' ? name : `${folder}/${name}`))
