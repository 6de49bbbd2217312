/** The files of the demo: a program that leaks and leaves processes behind, and a config that watches it. */
export interface Stage {
  path: string
  content: string
}

/** How fast it grows, and where it stops should anything go wrong. */
const growth = { bytes: 2 * 1024 ** 2, everyMs: 250, atMostBytes: 400 * 1024 ** 2 }

/** Ends when the demo does, however that ends, or when its folder goes. */
const program = (folder: string, demoPid: number): string => `// The leaking program of oratio-health demo.
const { spawn } = require('node:child_process')
const { existsSync } = require('node:fs')
const log = ${JSON.stringify(`${folder}/app.log`)}
const held = []
setInterval(() => {
  if (held.length * ${growth.bytes} < ${growth.atMostBytes}) held.push(Buffer.alloc(${growth.bytes}, 1))
  if (!existsSync(__filename) || !existsSync('/proc/${demoPid}')) process.exit()
}, ${growth.everyMs})
// Nobody waits for these: the shell that starts one ends at once, and init adopts it.
setInterval(() => {
  if (!existsSync(log)) return
  spawn('/bin/sh', ['-c', 'tail --pid=${demoPid} -f "$0" >/dev/null 2>&1 &', log], { detached: true, stdio: 'ignore' }).unref()
}, 2500)
`

const config = (folder: string, node: string): string => `services:
  demo-app:
    pidfile: ${folder}/app.pid
    start: [${JSON.stringify(node)}, ${folder}/app.cjs]
    memory: { warn: 100M, crit: 150M }
    restart: { after: 1, grace: 2s }
orphans:
  - { name: demo, match: '^tail .*${folder.replace(/[.+]/g, '\\$&')}/app\\.log$', older_than: 1s }
`

export const stageOf = (folder: string, node: string, demoPid: number): Stage[] => [
  { path: `${folder}/app.cjs`, content: program(folder, demoPid) },
  { path: `${folder}/app.log`, content: '' },
  { path: `${folder}/config.yaml`, content: config(folder, node) },
]
