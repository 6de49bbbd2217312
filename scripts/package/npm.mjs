// `npm run tarball`: the npm package as it is to be installed. What `npm pack` makes has the scripts of development in it:
// npm warns of `prepare` at each install, though it would not run it, and it needs the devDependencies.
//
//   node scripts/package/npm.mjs [FOLDER=.]
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './node-binary.mjs'

const mostBytes = 3 * 1024 ** 2

/**
 * The tarball in `folder`, whose path it gives, and its content in `unpacked`. npm builds dist/ and the manual page on the
 * way.
 */
export const packNpm = ({ top, work, unpacked, folder }) => {
  mkdirSync(folder, { recursive: true })
  const whole = npmPack(top, work, [])
  mkdirSync(unpacked)
  run('tar', ['-xzf', whole, '-C', unpacked, '--strip-components=1'])
  const file = join(unpacked, 'package.json')
  const { scripts: _, devDependencies: __, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, `${JSON.stringify(rest, null, 2)}\n`)
  const tarball = npmPack(unpacked, folder, ['--ignore-scripts'])
  const { size } = statSync(tarball)
  if (size > mostBytes) throw new Error(`${tarball} has ${size} bytes, more than ${mostBytes}`)
  return tarball
}

const npmPack = (cwd, target, options) => {
  const said = String(run('npm', ['pack', '--json', ...options, '--pack-destination', target], { cwd }))
  return join(target, JSON.parse(said.slice(said.indexOf('[\n')))[0].filename)
}

const main = (folder) => {
  const top = join(dirname(fileURLToPath(import.meta.url)), '../..')
  const work = mkdtempSync(join(tmpdir(), 'oratio-tarball-'))
  try {
    process.stdout.write(`${packNpm({ top, work, unpacked: join(work, 'unpacked'), folder })}\n`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main(resolve(process.argv[2] ?? '.'))
