#!/usr/bin/env node
// Old syntax on purpose: it must still parse on the Node that is too old, to say so.
var version = process.versions.node.split('.').map(Number)
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  process.stderr.write(
    ['oratio-health needs Node 20.19 or newer; this is', process.version, 'at', process.execPath].join(' '),
  )
  process.stderr.write('\n')
  process.exitCode = 2
} else {
  require('../dist/start.cjs')
}
