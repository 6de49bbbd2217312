// Runs dist/cli.cjs as dist/start.cjs would, with the arguments given, and writes at its end what V8 has compiled of
// it. Started by scripts/build.mjs, which says where both lie.
const fs = require('node:fs')
const { createRequire } = require('node:module')
const { Script } = require('node:vm')

const { ORATIO_BUILD_DIST: dist, ORATIO_BUILD_CACHE: target } = process.env
const program = `${dist}/cli.cjs`
const source = fs.readFileSync(program, 'latin1')
// Word for word as in src/start.ts: V8 takes the compiled form for a source of the same length only.
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
  filename: program,
})
process.on('exit', () => fs.writeFileSync(target, script.createCachedData(), { mode: 0o644 }))
const made = { exports: {}, id: program, filename: program, loaded: true, children: [], paths: [] }
require.cache[program] = made
script.runInThisContext().call(made.exports, made.exports, createRequire(program), made, program, dist)
