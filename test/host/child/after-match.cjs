// Loaded before the program (`node --require`): at its first expression on command lines, which comes after its look at the
// processes and before any signal, has the engine's socket asked for `/reuse`, and waits for the answer.
const { spawnSync } = require('node:child_process')
const { Script } = require('node:vm')

const socketPath = process.env.DOCKER_HOST.replace('unix://', '')
const ask = `require('node:http').get({ socketPath: ${JSON.stringify(socketPath)}, path: '/reuse' }, (answer) => answer.resume())`
const runIt = Script.prototype.runInThisContext
let isAsked = false
Script.prototype.runInThisContext = function (options) {
  const result = runIt.call(this, options)
  if (!isAsked && options?.timeout !== undefined) {
    isAsked = true
    const { status, stderr } = spawnSync(process.execPath, ['-e', ask], { encoding: 'utf8', env: {} })
    if (status !== 0) throw new Error(`the pid was not given to another: ${stderr}`)
  }
  return result
}
