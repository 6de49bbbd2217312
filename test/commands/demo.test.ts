import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { lackOf } from '../../src/commands/demo/expected.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = join(import.meta.dirname, '../..')
const folder = tempFolder('demo')
const launcher = join(folder, 'bin/oratio-health.js')

beforeAll(() => {
  mkdirSync(join(folder, 'bin'))
  copyFileSync(join(top, 'bin/oratio-health.js'), launcher)
  writeFileSync(join(folder, 'package.json'), '{}')
  const built = spawnSync(process.execPath, [join(top, 'scripts/build.mjs'), join(folder, 'dist')], {
    encoding: 'utf8',
  })
  expect(built.stderr).toBe('')
})

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

interface Stop {
  after: string
  signal: NodeJS.Signals
  /** Milliseconds from the first to each further one. */
  again?: number[]
}

/** Runs the demo; `stop`: sends the signal to its whole process group, as a terminal does, once the words are there. */
const demo = (args: string[], stop?: Stop, path = process.env.PATH, script = launcher): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, 'demo', ...args], {
      env: { PATH: path, HOME: folder },
      detached: true,
    })
    const said = { stdout: '', stderr: '' }
    let isStopped = false
    child.stdout.on('data', (text) => {
      said.stdout += text
      if (stop === undefined || isStopped || !said.stdout.includes(stop.after)) return
      isStopped = true
      const send = () => {
        if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), stop.signal)
      }
      send()
      for (const ms of stop.again ?? []) setTimeout(send, ms)
    })
    child.stderr.on('data', (text) => {
      said.stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...said }))
  })

/** From outside: processes whose command line names a folder of the demo, and those folders. */
const leftBehind = (): { processes: string[]; folders: string[] } => ({
  processes: readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })
    .filter((line) => line.includes('/tmp/oratio-health-demo.')),
  folders: readdirSync('/tmp').filter((name) => name.startsWith('oratio-health-demo.')),
})

/** A folder of programs, with one of this name in place of the real one. */
const pathWith = (name: string, script: string): string => {
  const programs = mkdtempSync(join(folder, 'path-'))
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return `${programs}:${process.env.PATH}`
}

describe('demo', () => {
  it.each(['README.md', 'docs/demo.md', 'docs/pictures/demo.svg', 'src/commands/registry.ts'])(
    'takes as long in %s as it says itself',
    (file) => {
      expect(readFileSync(join(top, file), 'utf8')).toContain('half a minute')
    },
  )

  it.each([
    ['watch', 2, '', null],
    ['watch', 78, '', 'watch ended with status 78, not with 0 or 1 or 2 or 3'],
    ['trend', 2, 'LEAK  samples.csv: rises', null],
    ['trend', 0, 'STABLE  samples.csv: no LEAK ', 'trend sees no leak in what was measured (status 0)'],
    ['check', 2, '', null],
    ['check', 0, '', 'check ended with status 0, not with 2'],
    ['check', null, '', 'check did not come to its end'],
    ['kill-orphans', 0, 'demo: 8 match; ended 8, spared 0', null],
    ['kill-orphans', 2, 'demo: 8 match; ended 8, spared 0', 'kill-orphans ended with status 2, not with 0'],
    ['report', 0, '', null],
    ['report', 1, '', 'report ended with status 1, not with 0'],
  ])('judges %s with status %j that says %j', (command, exitCode, text, lack) => {
    expect(lackOf(command, exitCode, text)).toBe(lack)
  })

  it('says of both what is left behind, processes and the folder', async () => {
    const path = pathWith('rm', 'exit 1')
    const ended = await demo([], { after: 'Is it a leak?', signal: 'SIGTERM' }, path)
    const [, pids = '', left = ''] =
      /^demo: processes of the demo still run: ([\d ]+); (.*) could not be removed$/m.exec(ended.stdout) ?? []
    rmSync(left, { recursive: true })
    expect(pids).toMatch(/^\d/)
    expect(ended.code).toBe(2)
  })

  it('says what is left behind, also after a signal', async () => {
    // As of a folder on which something is mounted: what is in it goes, itself stays.
    const path = pathWith(
      'rm',
      'if [ "$1" = -rf ]; then /bin/rm -rf -- "$3"/*; exit 1; fi\nexec /bin/rm "$@"',
    )
    const ended = await demo([], { after: '== A program starts', signal: 'SIGINT' }, path)
    const [, left = ''] = /^demo: (.*) could not be removed$/m.exec(ended.stdout) ?? []
    rmdirSync(left)
    expect(ended.code).toBe(2)
    expect(ended.stdout).not.toContain('nothing is left behind')
  })

  it('goes from growth to report, and leaves nothing behind', async () => {
    const before = leftBehind().folders
    const noneEnded = join(folder, 'bin/none-ended.js')
    writeFileSync(
      noneEnded,
      `const [, , command, option] = process.argv
if (command === 'kill-orphans' && option === '-v') console.log('demo: 0 match; ended 0, spared 0')
else require('./oratio-health.js')`,
    )
    const [whole, json, started, growing, killed, twice, often, without] = await Promise.all([
      demo([]),
      demo(['--json']),
      demo([], { after: '== A program starts', signal: 'SIGINT' }),
      demo([], { after: 'Is it a leak?', signal: 'SIGTERM' }),
      demo([], { after: '== What it left behind', signal: 'SIGINT' }),
      demo([], { after: 'Is it a leak?', signal: 'SIGINT', again: [300] }),
      demo([], { after: '== A program starts', signal: 'SIGTERM', again: [300, 900, 1500] }),
      demo([], undefined, undefined, noneEnded),
    ])
    expect(`${whole.code} ${whole.stderr}`).toBe('0 ')
    for (const words of [
      'demo: about half a minute, ',
      'LEAK',
      '← culprit',
      'restart done',
      'ended',
      'report.html',
      'oratio-health install',
    ])
      expect(whole.stdout).toContain(words)
    // No terminal: 80 columns.
    expect(whole.stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(json.code).toBe(0)
    const document = JSON.parse(json.stdout)
    expect(validateDocument(document)).toEqual([])
    expect(document.steps.map(({ command }: { command: string }) => command)).toEqual([
      'watch',
      'trend',
      'check',
      'kill-orphans',
      'report',
    ])
    expect([started.code, growing.code, killed.code]).toEqual([130, 143, 130])
    expect([twice.code, often.code]).toEqual([130, 143])
    expect(twice.stdout).toMatch(/\nended by SIGINT; cleaning up …\nnothing is left behind\n$/)
    expect(without.code).toBe(2)
    expect(without.stdout).toMatch(/\ndemo: kill-orphans has ended none of what /)
    expect(without.stdout).not.toContain('== And a page')
    const after = leftBehind()
    // Somebody else's demo is none of this test's.
    const isOurs = (line: string): boolean => !before.some((name) => line.includes(name))
    expect(after.processes.filter(isOurs)).toEqual([])
    expect(after.folders.filter((name) => !before.includes(name))).toEqual([])
  })
})
