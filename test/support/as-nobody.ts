import { spawnSync } from 'node:child_process'

/** What a bundled script prints as JSON when an ordinary user runs it (root is denied nothing); needs root. */
export const asNobody = (
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): unknown => {
  const run = spawnSync(process.execPath, [script, ...args], {
    uid: 65534,
    gid: 65534,
    encoding: 'utf8',
    cwd: '/',
    env: { ...process.env, ...env },
  })
  if (run.status !== 0) throw new Error(run.stderr)
  return JSON.parse(run.stdout)
}
