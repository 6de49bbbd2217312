import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { bundleWithCalls } from '../../support/bundle-with-calls.ts'
import { hasFuse } from '../../support/needs.ts'
import { tempFolder } from '../../support/temp-folder.ts'

// A FUSE server that is stopped answers nobody, as a dead NFS server does. Needs root, /dev/fuse and bindfs(1).
const top = tempFolder('silent')
const fast = hasFuse ? bundleWithCalls(join(top, 'fast')) : ''
const plain = hasFuse ? bundle('../src/cli.ts', top) : ''

const mounted = async (at: string): Promise<ChildProcess> => {
  const source = mkdtempSync(join(top, 'source-'))
  writeFileSync(join(source, 'held'), 'x')
  utimesSync(join(source, 'held'), 0, 0)
  const server = spawn('bindfs', ['-f', source, at], { stdio: 'ignore' })
  onTestFinished(() => {
    server.kill('SIGCONT')
    server.kill('SIGKILL')
    spawnSync('umount', ['-l', at])
  })
  while (!readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${at} `))
    await new Promise((resolve) => setTimeout(resolve, 10))
  return server
}

describe.skipIf(!hasFuse).each([
  ['with system calls of its own', fast],
  ['with Node alone', plain],
])('a mount that answers nobody, cleanup-tmp %s', { timeout: 60_000 }, (_, program) => {
  it('neither holds it up nor is entered; a rule on it is status 3', async () => {
    const folder = mkdtempSync(join(top, 'place-'))
    const tmp = join(folder, 'tmp')
    const at = join(tmp, 'mount')
    mkdirSync(at, { recursive: true })
    writeFileSync(join(tmp, 'stale'), 'x')
    utimesSync(join(tmp, 'stale'), 0, 0)
    const server = await mounted(at)
    // In a pid namespace of its own, all of which root sees; with a process that has a file there open.
    const clean = (path: string): Promise<{ code: number; text: string }> =>
      new Promise((resolve) => {
        // Not held by the shell: each of its children would flush the file when it closes it, and wait for the answer.
        const script =
          '( exec 3<"$1/held"; echo held; exec sleep 600 ) & shift; read -r go; timeout -s KILL 20 "$@"; echo "end $?"'
        const argv = [process.execPath, program, 'cleanup-tmp', '--json', '--by', 'mtime']
        const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
        const child = spawn(
          'unshare',
          ['--pid', '--fork', '--mount-proc', 'sh', '-c', script, 'sh', at, ...argv, ...places, path],
          { stdio: ['pipe', 'pipe', 'inherit'] },
        )
        let text = ''
        child.stdout.on('data', (chunk) => {
          if (text === '') {
            server.kill('SIGSTOP')
            child.stdin.write('go\n')
          }
          text += chunk
          // What it has left behind in a sleep that no signal ends would keep the namespace.
          if (/^end /m.test(text)) server.kill('SIGCONT')
        })
        child.on('close', () => {
          const [, json = '', code] = /^held\n(.*)end (\d+)\n$/s.exec(text) ?? []
          resolve({ code: Number(code), text: json })
        })
      })
    const around = await clean(tmp)
    expect(around.code).toBe(0)
    expect(JSON.parse(around.text)).toMatchObject({
      removed: 1,
      skipped: [{ path: at, reason: 'something is mounted there' }],
    })
    expect(readdirSync(tmp)).toEqual(['mount'])
    const on = await clean(at)
    expect(on.code).toBe(3)
    expect(JSON.parse(on.text)).toMatchObject({ status: 'unknown', removed: 0 })
  })
})
