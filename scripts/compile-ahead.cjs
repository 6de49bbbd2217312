// Runs dist/cli.cjs as dist/start.cjs would, with the arguments given, and writes at its end what V8 has compiled of
// the files named. Started by scripts/build.mjs, which says where all lie.
const fs = require('node:fs')
const { createRequire } = require('node:module')
const { Script } = require('node:vm')

const { ORATIO_BUILD_DIST: dist, ORATIO_BUILD_CACHES: wanted } = process.env
/** By the file's name: where what V8 has compiled of it goes. */
const targets = JSON.parse(wanted)
const requireBelow = createRequire(`${dist}/start.cjs`)

const load = (name) => {
  const path = `${dist}/${name}.cjs`
  const known = require.cache[path]
  if (known !== undefined) return known.exports
  const source = fs.readFileSync(path, 'latin1')
  // Word for word as in src/start.ts: V8 takes the compiled form for a source of the same length only.
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
  })
  if (name in targets)
    process.on('exit', () => fs.writeFileSync(targets[name], script.createCachedData(), { mode: 0o644 }))
  const made = { exports: {}, id: path, filename: path, loaded: true, children: [], paths: [] }
  require.cache[path] = made
  script.runInThisContext().call(made.exports, made.exports, requireOf, made, path, dist)
  return made.exports
}

const requireOf = (path) => {
  const [, name] = /^\.\/(cli|services|changes)\.cjs$/.exec(path) ?? []
  return name === undefined ? requireBelow(path) : load(name)
}

load('cli')
