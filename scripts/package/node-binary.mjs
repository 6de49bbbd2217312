import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const pinned = JSON.parse(readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'node-binaries.json')))

export const nodeVersion = pinned.version
export const architectures = ['x64', 'arm64']

/**
 * Node itself, from the npm package that carries it, as pinned by its checksum; downloaded once and kept. Also writes
 * Node's licence beside it.
 */
export const writeNode = (architecture, folder) => {
  const name = `node-linux-${architecture}-${nodeVersion}.tgz`
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'oratio-health-release')
  const tarball = join(cache, name)
  if (!existsSync(tarball)) {
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    run('npm', ['pack', '--silent', '--pack-destination', cache, `node-linux-${architecture}@${nodeVersion}`])
  }
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
  if (integrity !== pinned[architecture])
    throw new Error(`${tarball} is not what node-binaries.json says (${integrity}): remove it and try again`)
  const node = join(folder, `node-${architecture}`)
  writeFileSync(node, run('tar', ['-xzOf', tarball, 'package/bin/node']))
  chmodSync(node, 0o755)
  writeFileSync(join(folder, 'NODE-LICENSE'), run('tar', ['-xzOf', tarball, 'package/LICENSE']))
  return node
}

/** Its standard output; throws where it fails. */
export const run = (program, args, options = {}) => {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    maxBuffer: 512 * 1024 ** 2,
    ...options,
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${args[0]} ended with ${status}: ${stderr}`)
  return stdout
}
