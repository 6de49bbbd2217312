import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { bundleWithCalls } from '../../support/bundle-with-calls.ts'
import { byMtime, cleanupPlace, left, old, type Place } from '../../support/cleanup-place.ts'
import { ran } from '../../support/healing.ts'
import { tempFolder } from '../../support/temp-folder.ts'

// The whole program on real files.
const top = tempFolder('cleanup')
/** Beside it no package is found: the way without system calls of our own. */
const plain = bundle('../src/cli.ts', top)
const fast = bundleWithCalls(join(top, 'fast'))
let program = plain

const place = (config = ''): Place => cleanupPlace(top, program, config)

describe.each([
  ['with system calls of its own', fast],
  ['with Node alone', plain],
])('cleanup-tmp %s', (_, file) => {
  beforeAll(() => {
    program = file
  })

  it('removes the stale files of a folder and of those below, and nothing else', async () => {
    const { tmp, folder, make, clean } = place()
    make('stale')
    make('a/b/stale', '12345')
    make('young', 'x', 'young')
    make('a/kept.lock')
    const first = await clean(tmp, ...byMtime, '--exclude', '*.lock')
    expect(first.code).toBe(0)
    expect(first.document).toMatchObject({ removed: 2, removedBytes: 6, kept: 1, failed: [], skipped: [] })
    expect(left(tmp)).toEqual(['a', 'a/b', 'a/kept.lock', 'young'])
    const totals = join(folder, 'state/cleanup-tmp.totals')
    expect(JSON.parse(readFileSync(totals, 'utf8'))).toMatchObject({ removed: 2, removedBytes: 6, failed: 0 })
    // By the newest stamp nothing is old: ctime was a moment ago.
    expect((await clean(tmp, '--no-keep-open')).document).toMatchObject({ removed: 0, kept: 2 })
  })

  it('--dry-run names what would go, and touches nothing', async () => {
    const { tmp, folder, make, clean } = place()
    make('stale')
    const { document } = await clean(tmp, ...byMtime, '-n')
    expect(document).toMatchObject({ removed: 1, paths: [join(tmp, 'stale')] })
    expect(left(tmp)).toEqual(['stale'])
    expect(existsSync(join(folder, 'log'))).toBe(false)
  })

  it('odd entries: links go and what they lead to stays; sockets and fifos stay; hard links free nothing', async () => {
    const { tmp, folder, make, clean } = place()
    const canary = join(folder, 'canary')
    mkdirSync(canary)
    writeFileSync(join(canary, 'precious'), 'x')
    utimesSync(join(canary, 'precious'), old, old)
    symlinkSync(canary, join(tmp, 'link'))
    symlinkSync('/nowhere', join(tmp, 'broken'))
    for (const name of ['link', 'broken', 'fifo'])
      execFileSync('sh', [
        '-c',
        `[ -e "$1" ] || [ -L "$1" ] || mkfifo "$1"; touch -h -d @${old.getTime() / 1000} "$1"`,
        'sh',
        join(tmp, name),
      ])
    const server = createServer().listen(join(tmp, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => void server.close())
    utimesSync(join(tmp, 'socket'), old, old)
    linkSync(make('two', '1234567890'), join(folder, 'another name'))
    const { document } = await clean(tmp, ...byMtime)
    expect(document.paths.sort()).toEqual(['broken', 'link', 'two'].map((name) => join(tmp, name)))
    expect(document.removedBytes).toBeLessThan(100)
    expect(document.skipped.map(({ path, reason }) => `${path} ${reason}`).sort()).toEqual([
      `${tmp}/fifo a fifo is never removed`,
      `${tmp}/socket a socket is never removed`,
    ])
    expect(readFileSync(join(canary, 'precious'), 'utf8')).toBe('x')
    expect(readFileSync(join(folder, 'another name'), 'utf8')).toBe('1234567890')
  })

  it('odd names: line breaks, leading dashes, bytes that are no UTF-8, 255 bytes, a very deep path', async () => {
    const { tmp, make, clean } = place()
    make('new\nline \x1b[31m')
    make('new\\nline')
    make('-rf *')
    make(Buffer.from([0x66, 0xff, 0xfe]))
    make('n'.repeat(255))
    // Longer than any path that a system call takes.
    const deep =
      'import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(60): os.mkdir("d" * 100); os.chdir("d" * 100)\nopen("deep", "w").close(); os.utime("deep", (0, 0))'
    execFileSync('python3', ['-c', deep, tmp])
    const { document, text } = await clean(tmp, ...byMtime)
    expect(document).toMatchObject({ removed: 6, failed: [] })
    // As they are, or two of them would be the same; JSON has escapes of its own.
    for (const name of ['new\nline \x1b[31m', 'new\\nline']) expect(document.paths).toContain(join(tmp, name))
    expect(text).not.toContain('\x1b')
    expect(execFileSync('find', [tmp, '-type', 'f']).toString()).toBe('')
    execFileSync('rm', ['-rf', tmp])
  })

  it('empty folders go from the bottom up, when they are stale themselves; others rely on some', async () => {
    const { tmp, make, clean } = place()
    make('a/b/c/stale')
    make('full/young', 'x', 'young')
    make('.X11-unix/')
    make('fresh/', '', 'young')
    for (const name of ['a/b/c', 'a/b', 'a', 'full', '.X11-unix']) utimesSync(join(tmp, name), old, old)
    // ctime cannot be set back, so the folders are too young for any age but none.
    expect((await clean(tmp, ...byMtime, '--empty-dirs')).document.removed).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const { document } = await clean(
      tmp,
      ...byMtime,
      '--empty-dirs',
      '--older-than',
      '1ms',
      '--exclude',
      'young',
    )
    expect(document.failed).toEqual([])
    expect(left(tmp)).toEqual(['.X11-unix', 'full', 'full/young'])
  })

  it('the rules of the config: bounds, sizes, several over one folder', async () => {
    const { tmp, make, clean } = place(`cleanup:
  - { path: TMP/n, age_by: mtime, keep_newest: 2, keep_open: false }
  - { path: TMP/t, age_by: mtime, max_total: 20, keep_open: false }
  - { path: TMP/s, age_by: mtime, min_size: 5, keep_open: false, recurse: false }
  - { path: TMP/s, age_by: mtime, match: "*.log", keep_open: false, recurse: false }
  - { path: TMP/none }
`)
    for (const [i, name] of ['n/1', 'n/2', 'n/3', 't/1', 't/2', 't/3'].entries()) {
      const path = make(name, '1234567890')
      const stamp = new Date(old.getTime() + i * 1000)
      utimesSync(path, stamp, stamp)
    }
    make('s/small')
    make('s/big', '12345')
    make('s/small.log')
    make('s/below/big', '12345')
    const { document, code } = await clean()
    expect(code).toBe(0)
    expect(left(tmp)).toEqual([
      'n',
      'n/2',
      'n/3',
      's',
      's/below',
      's/below/big',
      's/small',
      't',
      't/2',
      't/3',
    ])
    expect(document.skipped).toEqual([{ path: join(tmp, 'none'), reason: 'it is not there' }])
  })

  it('what cannot be removed is named with the cause, and after three times left out and told every tenth', async () => {
    const { tmp, folder, make, clean } = place()
    make('stuck')
    execFileSync('chattr', ['+i', join(tmp, 'stuck')])
    onTestFinished(() => void execFileSync('chattr', ['-i', join(tmp, 'stuck')]))
    for (let i = 0; i < 3; i++) {
      const { code, document } = await clean(tmp, ...byMtime)
      expect(code).toBe(2)
      expect(document.failed).toEqual([
        { path: join(tmp, 'stuck'), error: 'operation not permitted (EPERM)' },
      ])
    }
    expect((await clean(tmp, ...byMtime)).document.failed[0]?.error).toMatch(/left out, once so far.*EPERM/)
    const log = (): string[] =>
      readdirSync(join(folder, 'log'))
        .flatMap((name) => readFileSync(join(folder, 'log', name), 'utf8').split('\n'))
        .filter((line) => line.includes('left out'))
    expect(log()).toEqual([expect.stringMatching(/ WARN .*\/stuck: left out, once so far/)])
    // Not in the file of `check`, which runs beside it.
    expect(readdirSync(join(folder, 'state')).filter((name) => name.endsWith('failures.json'))).toEqual([
      'cleanup-failures.json',
    ])
    const second = await clean(tmp, ...byMtime)
    expect(second).toMatchObject({ code: 0, document: { failedCount: 0 } })
    expect(second.document.skipped[0]?.reason).toMatch(/left out, 2 times so far/)
  })

  it.each([
    ['/', /folder of the system/],
    ['/etc/../usr', /folder of the system/],
    ['/home//', /folder of the system/],
    ['', /no folder is named/],
  ])('refuses %j with 64', async (path, words) => {
    expect(await place().clean(path)).toMatchObject({ code: 64, text: expect.stringMatching(words) })
  })

  it('refuses, before anything is removed, what one of several rules must not do', async () => {
    const { tmp, folder, make, clean } = place()
    make('stale')
    symlinkSync('/etc', join(folder, 'to-etc'))
    expect((await clean(tmp, join(folder, 'to-etc'), ...byMtime)).text).toMatch(/below \/etc|of the system/)
    expect((await clean(tmp, folder, ...byMtime)).text).toMatch(/of this toolkit lies in it/)
    expect(left(tmp)).toEqual(['stale'])
    const config = place('cleanup: [ { path: /usr } ]\n')
    expect(await config.clean()).toMatchObject({
      code: 78,
      text: expect.stringMatching(/1:20 cleanup\[0\]\.path: .*of the system/),
    })
    expect(await place().clean()).toMatchObject({ code: 64 })
  })

  it('a folder that is not there: told on the command line, and no fault of a rule of the config', async () => {
    const { tmp, make, clean } = place('cleanup: [ { path: TMP/none } ]\n')
    expect(await clean()).toMatchObject({ code: 0, document: { skippedCount: 1, failedCount: 0 } })
    const missing = { path: join(tmp, 'none'), error: 'it is not there' }
    expect(await clean(join(tmp, 'none'))).toMatchObject({ code: 2, document: { failed: [missing] } })
    make('stale')
    const partly = { code: 1, document: { removed: 1, failed: [missing] } }
    expect(await clean(tmp, join(tmp, 'none'), ...byMtime)).toMatchObject(partly)
  })

  it('options without a folder, or that have swallowed it, are refused: the config is not what was meant', async () => {
    const { tmp, make, clean } = place('cleanup: [ { path: TMP, age_by: mtime, keep_open: false } ]\n')
    make('stale')
    expect(await clean('--match', '*.ts', tmp)).toMatchObject({
      code: 64,
      text: expect.stringContaining('--match'),
    })
    expect(await clean('--no-recurse')).toMatchObject({ code: 64 })
    // The current folder is `/`.
    expect(await clean(tmp, '--match', '*.ts', 'usr')).toMatchObject({
      code: 64,
      text: expect.stringContaining('--match usr: that is a folder'),
    })
    expect(await clean(tmp, ...byMtime, '--match', 'usr', '*.ts')).toMatchObject({ code: 0 })
    // What is excluded too much stays.
    expect(await clean(tmp, ...byMtime, '--exclude', 'stale', 'usr')).toMatchObject({ code: 0 })
    expect(left(tmp)).toEqual(['stale'])
  })

  it('with the time up it stops between two folders, says so, and the next run goes on', async () => {
    const { tmp, make, clean } = place()
    make('stale')
    const cut = await clean(tmp, ...byMtime, '--timeout', '1ms')
    expect(cut).toMatchObject({ code: 1, document: { unfinished: true } })
    expect((await clean(tmp, ...byMtime)).document.unfinished).toBe(false)
    expect(left(tmp)).toEqual([])
  })
})

describe('cleanup-tmp in a tree that is big enough for a helper', () => {
  const bigTree = (tmp: string): void => {
    for (let f = 0; f < 120; f++) {
      mkdirSync(join(tmp, `d${f}`))
      for (let i = 0; i < 100; i++) {
        writeFileSync(join(tmp, `d${f}`, `f${i}`), 'x')
        if (i % 2 === 0) utimesSync(join(tmp, `d${f}`, `f${i}`), old, old)
      }
    }
  }

  it('each stale file goes and is counted once, every other stays, and the log names each folder', async () => {
    program = fast
    const { tmp, folder, clean } = place()
    bigTree(tmp)
    const { document, code } = await clean(tmp, ...byMtime)
    expect(code).toBe(0)
    expect(document).toMatchObject({ removed: 6000, removedBytes: 6000, kept: 6000, failed: [], skipped: [] })
    expect(document.paths).toHaveLength(1000)
    expect(new Set(document.paths).size).toBe(1000)
    expect(left(tmp)).toHaveLength(120 + 6000)
    // Two files of them around midnight.
    const log = readdirSync(join(folder, 'log'))
      .map((name) => readFileSync(join(folder, 'log', name), 'utf8'))
      .join('')
    expect(log).toContain(`INFO remove what is older than 1d by mtime from ${tmp}: stale`)
    expect(log.match(/ INFO removed from \S+\/d\d+: 50 files, 50 B: /g)).toHaveLength(120)
  })
})

describe('a folder that a process is in', () => {
  it('is not removed, empty and stale as it may be', async () => {
    const { tmp, folder, make } = place()
    for (const name of ['inside/', 'free/']) make(name)
    const cleaning = [
      process.execPath,
      program,
      'cleanup-tmp',
      '--older-than',
      '1ms',
      '--by',
      'mtime',
      '--empty-dirs',
    ]
    const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
    const script = 'cd "$1/inside"; sleep 1000 & cd /; tmp=$1; shift; sleep 0.05; "$@" "$tmp"; kill $!'
    const { stderr } = await ran([
      'unshare',
      '--pid',
      '--fork',
      '--mount-proc',
      'sh',
      '-c',
      script,
      'sh',
      tmp,
      ...cleaning,
      ...places,
    ])
    expect(stderr).toBe('')
    expect(left(tmp)).toEqual(['inside'])
  })

  it('many files of one folder, chosen among all of them, go in several parts, and none is forgotten', async () => {
    const { tmp, clean } = place(
      'cleanup: [ { path: TMP, age_by: mtime, keep_newest: 5, keep_open: false } ]\n',
    )
    const names = Array.from({ length: 3000 }, (_, i) => `f${i}`)
    for (const name of names) {
      writeFileSync(join(tmp, name), '')
      utimesSync(join(tmp, name), old, old)
    }
    expect((await clean()).document).toMatchObject({ removed: 2995, kept: 5 })
    expect(left(tmp)).toHaveLength(5)
  })
})

describe('what a process has open, mapped or locked', () => {
  it('is spared, as long as it is; in a pid namespace of its own, all of which root sees', async () => {
    const { tmp, folder, make } = place()
    for (const name of ['open', 'mapped', 'locked', 'free']) make(name, 'x'.repeat(8192))
    writeFileSync(
      join(folder, 'hold.py'),
      `
import fcntl, mmap, os, sys, time
held = open(sys.argv[1] + "/open")
f = os.open(sys.argv[1] + "/mapped", os.O_RDONLY)
m = mmap.mmap(f, 0, prot=mmap.PROT_READ)
os.close(f)
l = open(sys.argv[1] + "/locked")
fcntl.flock(l, fcntl.LOCK_SH)
print("held", flush=True)
time.sleep(600)
`,
    )
    const cleaning = [process.execPath, program, 'cleanup-tmp', '--by', 'mtime', '--json']
    const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
    const script =
      'py=$1 tmp=$2; shift 2; mkfifo "$tmp.fifo"; python3 "$py" "$tmp" >"$tmp.fifo" & read -r held <"$tmp.fifo"; "$@"; kill $!'
    const { stdout, stderr } = await ran([
      ...['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', script, 'sh'],
      ...[join(folder, 'hold.py'), tmp, ...cleaning, ...places, tmp],
    ])
    if (!stdout.startsWith('{')) throw new Error(stderr)
    expect(
      JSON.parse(stdout)
        .skipped.map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual(['locked', 'mapped', 'open'].map((name) => join(tmp, name)))
    expect(left(tmp)).toEqual(['locked', 'mapped', 'open'])
  })
})
