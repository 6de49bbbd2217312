// The beginning of the single executable: what dist/start.cjs does, with the files of dist/ as assets within it.
const { Buffer } = require('node:buffer')
const { createRequire } = require('node:module')
const { posix } = require('node:path')
const { getRawAsset } = require('node:sea')
const { Script } = require('node:vm')

// Below a file, so that nothing can be there: parts that look for a file beside them find none.
const top = process.execPath
const modules = new Map()

// dist/ is ASCII alone.
const text = (name) => Buffer.from(getRawAsset(name)).latin1Slice()

/** Of files at the top of dist/, for the kind of processor that this was built on. */
const compiledAhead = (name) => {
  if (name.includes('/')) return {}
  try {
    return { cachedData: Buffer.from(getRawAsset(name.replace(/cjs$/, 'cache'))) }
  } catch {
    // There is none.
    return {}
  }
}

const load = (name) => {
  const known = modules.get(name)
  if (known !== undefined) return known.exports
  const filename = `${top}/${name}`
  const made = { exports: {}, id: filename, filename, loaded: true, children: [], paths: [] }
  modules.set(name, made)
  // Word for word as in src/start.ts: V8 takes the compiled form for a source of the same length only.
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${text(name)}\n})`
  const script = new Script(wrapped, { filename, ...compiledAhead(name) })
  const folder = posix.dirname(name)
  const own = (to) => (to.startsWith('.') ? load(posix.join(folder, to)) : require(to))
  script.runInThisContext().call(made.exports, made.exports, own, made, filename, posix.dirname(filename))
  return made.exports
}

// Node leaves the word it was called by; the program is asked for by its path, as a script would be.
process.argv[1] = process.execPath
const [only, ...more] = process.argv.slice(2)
if (more.length === 0 && (only === '--version' || only === '-V')) process.stdout.write(`${text('version')}\n`)
else if (more.length === 0 && only === '--licences') process.stdout.write(text('licences'))
// `demo` starts a program of its own by the Node it runs with.
else if (/^\/tmp\/oratio-health-demo\.\w{6}\/app\.cjs$/.test(only ?? '')) createRequire(only)(only)
else load('cli.cjs')
