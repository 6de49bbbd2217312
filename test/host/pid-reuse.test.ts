import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('reuse')

it.runIf(isRoot)(
  'a pid that is another process by the time of the signal: that one lives on, and it is said',
  () => {
    const script = bundle('host/child/reuse-pid.ts', top)
    const program = bundle('../src/cli.ts', top)
    const afterMatch = join(import.meta.dirname, 'child/after-match.cjs')
    // A shell is the namespace's init, and reaps; by its own name it would be a container's start script.
    const init = join(top, 'init')
    copyFileSync('/bin/sh', init)
    const inside = [init, '-c', '"$@" & wait $!', 'init', process.execPath, script, program, top, afterMatch]
    const ran = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', ...inside], {
      encoding: 'utf8',
      env: { ...process.env, NODE_PATH: join(import.meta.dirname, '../../node_modules') },
    })
    expect(ran.stderr).toBe('')
    const seen = JSON.parse(ran.stdout)
    expect(seen).toMatchObject({ code: 0, afterProgram: true, afterSignals: true })
    expect(seen.answers).toEqual(['changed', 'changed'])
    expect(JSON.parse(seen.text)).toMatchObject({
      killed: [],
      spared: [{ pid: seen.orphan, reason: 'its pid is another process by now' }],
    })
  },
)
