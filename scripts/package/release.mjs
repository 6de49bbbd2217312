// Makes everything that is released, into one folder: the npm package, the Debian package, the single executables, what
// is in them (SBOM) and SHA256SUMS. The same commit gives the same Debian package and SBOM, to the byte; the others have
// V8's compiled form within, which is not the same twice.
//
//   node scripts/package/release.mjs [--without-executables] [FOLDER=release]
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundledPackages } from './bundled.mjs'
import { writeDeb } from './deb.mjs'
import { buildForExecutables, writeExecutable } from './executable.mjs'
import { architectures, nodeVersion, run } from './node-binary.mjs'
import { packNpm } from './npm.mjs'
import { sbomOf, validateSbom } from './sbom.mjs'

const top = join(dirname(fileURLToPath(import.meta.url)), '../..')
const args = process.argv.slice(2)
const folder = resolve(args.find((arg) => !arg.startsWith('--')) ?? join(top, 'release'))
const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))

if (existsSync(folder) && readdirSync(folder).some((name) => !/^(oratio-health[-_]|SHA256SUMS$)/.test(name)))
  throw new Error(`${folder} has other files in it: name an empty folder`)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const work = mkdtempSync(join(tmpdir(), 'oratio-release-'))
try {
  const madeAt = commitTime()
  const unpacked = join(work, 'unpacked')
  packNpm({ top, work, unpacked, folder })
  const packages = await bundledPackages(top)
  const tree = join(work, 'deb')
  mkdirSync(tree)
  const { DEBFULLNAME = 'oratio-health maintainers', DEBEMAIL = 'maintainers@oratio-health.invalid' } =
    process.env
  writeDeb({
    ...{
      top,
      unpacked,
      tree,
      packages,
      madeAt,
      version: `${version}-1`,
      maintainer: `${DEBFULLNAME} <${DEBEMAIL}>`,
    },
    target: join(folder, `oratio-health_${version}-1_all.deb`),
  })
  await writeSbom(`oratio-health-${version}.cdx.json`, { version, packages, madeAt, node: null })
  if (!args.includes('--without-executables')) {
    const dist = buildForExecutables(work)
    for (const architecture of architectures)
      await writeExecutable({
        ...{ architecture, work, version, dist },
        target: join(folder, `oratio-health-${version}-linux-${architecture}`),
      })
    await writeSbom(`oratio-health-${version}-linux.cdx.json`, {
      version,
      packages,
      madeAt,
      node: nodeVersion,
    })
  }
  writeSums()
} finally {
  rmSync(work, { recursive: true, force: true })
}

function commitTime() {
  const { SOURCE_DATE_EPOCH: given } = process.env
  try {
    return new Date(Number(given ?? run('git', ['log', '-1', '--format=%ct'], { cwd: top })) * 1000)
  } catch {
    return new Date()
  }
}

async function writeSbom(name, content) {
  const document = sbomOf(content)
  await validateSbom(document)
  writeFileSync(join(folder, name), `${JSON.stringify(document, null, 2)}\n`)
}

function writeSums() {
  const lines = []
  for (const name of readdirSync(folder).sort()) {
    const bytes = readFileSync(join(folder, name))
    lines.push(`${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`)
    process.stdout.write(`${String(bytes.length).padStart(11)} ${name}\n`)
  }
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''))
}
