// Loads the named config with the files of this machine, as whoever runs this, and prints what came of it.
import { loadConfig } from '../../../src/config/load.ts'
import { makeFiles } from '../../../src/host/files.ts'
import type { Host } from '../../../src/host/host.ts'

const uid = process.getuid?.() ?? 0
const base = { root: '/', live: true, uid, pid: process.pid, env: process.env, at: (path: string) => path }
const host = { live: true, uid, env: process.env, files: makeFiles(base) } as unknown as Host

loadConfig(host, process.argv[2] ?? null).then(
  (loaded) => process.stdout.write(JSON.stringify(loaded)),
  (error: { code?: number; message: string }) =>
    process.stdout.write(JSON.stringify({ code: error.code, message: error.message })),
)
