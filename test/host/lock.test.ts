import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Reading } from '../../src/core/reading.ts'
import type { LockResult } from '../../src/host/host.ts'
import { releaseLock, takeLock } from '../../src/host/lock.ts'
import { makeSave } from '../../src/host/save.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { memoryFolder } from '../support/temp-folder.ts'

// In memory: the fights are about the order of system calls, not about a disk.
const top = memoryFolder('lock')
const held = { kind: 'value', value: { held: true } }
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

let count = 0
const lockPath = (): string => {
  const folder = join(top, String(count++))
  mkdirSync(folder)
  return join(folder, 'check.lock')
}
const startTicks = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[19] ?? ''

/** A pid that was somebody's a moment ago. */
const deadPid = (): number => spawnSync('true').pid
const staleText = (): string => `${deadPid()} 12345 ${bootId}\n`

const plant = (text: string): string => {
  const path = lockPath()
  writeFileSync(path, text)
  return path
}

describe('one lock', () => {
  it('is taken, named, held against a second taker, and released', () => {
    const path = lockPath()
    expect(takeLock(path, liveBase)).toEqual(held)
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid} ${startTicks(process.pid)} ${bootId}\n`)
    expect(takeLock(path, liveBase)).toMatchObject({ value: { held: false, holderPid: process.pid } })
    releaseLock(path, liveBase)
    expect(readdirSync(join(path, '..'))).toEqual([])
    expect(takeLock(path, liveBase)).toEqual(held)
  })

  it('says since when it is held', () => {
    const path = plant(`1 ${startTicks(1)} ${bootId}\n`)
    utimesSync(path, 1_700_000_000, 1_700_000_000)
    expect(takeLock(path, liveBase)).toEqual({
      kind: 'value',
      value: { held: false, holderPid: 1, sinceMs: 1_700_000_000_000 },
    })
    expect(readdirSync(join(path, '..'))).toEqual(['check.lock'])
  })

  it("another's is not released", () => {
    const path = plant(`1 ${startTicks(1)} ${bootId}\n`)
    releaseLock(path, liveBase)
    expect(existsSync(path)).toBe(true)
  })

  it('all that this process holds are released at once', () => {
    const save = makeSave(liveBase, () => 0)
    const [a, b, others] = [lockPath(), lockPath(), plant(`1 ${startTicks(1)} ${bootId}\n`)]
    for (const path of [a, b, others]) save.takeLock(path)
    save.releaseAllLocks()
    expect([a, b, others].map((path) => existsSync(path))).toEqual([false, false, true])
  })
})

describe('a stale lock is taken over', () => {
  it.each([
    ['its holder is gone', staleText],
    ["its holder's pid is another's by now", () => `1 ${Number(startTicks(1)) + 1} ${bootId}\n`],
    ['it is of another boot', () => `1 ${startTicks(1)} 00000000-0000-0000-0000-000000000000\n`],
    ['empty, after a power cut', () => ''],
    ['cut off', () => `1 ${startTicks(1)} ${bootId}`],
    ['NUL bytes, after a power cut', () => '\0'.repeat(60)],
    ['garbage', () => 'hello\n'],
    ['a pid no system has', () => `99999999 1 ${bootId}\n`],
    ['pid 0', () => `0 1 ${bootId}\n`],
    ['a negative pid', () => `-1 1 ${bootId}\n`],
  ])('%s', (_, text) => {
    const path = plant(text())
    expect(takeLock(path, liveBase)).toEqual(held)
    expect(readFileSync(path, 'utf8')).toContain(`${process.pid} `)
    expect(readdirSync(join(path, '..'))).toEqual(['check.lock'])
  })

  it('a zombie holds nothing', async () => {
    // The shell's child waits for a line, ends, and node, which the shell has become by then, never waits for it.
    const script = 'exec 3<&0; { read line <&3; } & echo $!; exec "$@"'
    const idle = 'console.log("ready"); setTimeout(() => {}, 1e6)'
    const parent = spawn('sh', ['-c', script, 'sh', process.execPath, '-e', idle])
    let output = ''
    for await (const chunk of parent.stdout) {
      output += chunk
      if (output.includes('ready')) break
    }
    parent.stdin.write('go\n')
    const zombie = Number.parseInt(output, 10)
    try {
      const state = () => readFileSync(`/proc/${zombie}/stat`, 'utf8').replace(/.*\) /s, '')[0]
      while (state() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5))
      const path = plant(`${zombie} ${startTicks(zombie)} ${bootId}\n`)
      expect(takeLock(path, liveBase)).toEqual(held)
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it.each([1, 2, 3])('though the takers before it were killed and left %i stale guards', (guards) => {
    const path = plant(staleText())
    for (let level = 1; level <= guards; level++) writeFileSync(path + '.guard'.repeat(level), staleText())
    const expected = guards < 3 ? held : { kind: 'failed', what: path + '.guard'.repeat(3) }
    expect(takeLock(path, liveBase)).toMatchObject(expected)
    if (guards < 3) expect(readdirSync(join(path, '..'))).toEqual(['check.lock'])
  })

  it('but not while another process does so', () => {
    const path = plant(staleText())
    writeFileSync(`${path}.guard`, `1 ${startTicks(1)} ${bootId}\n`)
    expect(takeLock(path, liveBase)).toMatchObject({ value: { held: false, holderPid: 1 } })
  })
})

describe('what is no lock of ours is not touched', () => {
  it('a symlink, a FIFO and a folder are a failure', () => {
    const [link, fifo, folder] = [lockPath(), lockPath(), lockPath()]
    const victim = join(top, 'victim')
    writeFileSync(victim, 'mine')
    symlinkSync(victim, link)
    spawnSync('mkfifo', [fifo])
    mkdirSync(folder)
    for (const path of [link, fifo, folder]) {
      expect(takeLock(path, liveBase), path).toMatchObject({ kind: 'failed', what: path })
      expect(readdirSync(join(path, '..'))).toEqual(['check.lock'])
    }
    expect(readFileSync(victim, 'utf8')).toBe('mine')
  })
})

describe('real processes', () => {
  const children: ChildProcess[] = []
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
  })

  it('of twenty that fight over one stale lock exactly one wins, round after round', async () => {
    const script = bundle('host/child/lock-fighter.ts', top)
    const fighters = Array.from({ length: 20 }, () => fork(script))
    children.push(...fighters)
    await Promise.all(fighters.map((fighter) => once(fighter, 'message')))
    const stale = staleText()
    for (let round = 0; round < 30; round++) {
      const path = plant(round % 4 === 0 ? '' : stale)
      // In some rounds takers before them were killed in the midst.
      for (let level = 1; level <= round % 3; level++) writeFileSync(path + '.guard'.repeat(level), stale)
      const atMs = Date.now() + 5
      const answers = fighters.map((fighter) => once(fighter, 'message'))
      for (const fighter of fighters) fighter.send({ path, atMs })
      const results = (await Promise.all(answers)).map(([result]) => result as Reading<LockResult>)
      const winners = results.filter((result) => result.kind === 'value' && result.value.held)
      expect(results.filter((result) => result.kind !== 'value')).toEqual([])
      expect(winners, `round ${round}`).toHaveLength(1)
      expect(readdirSync(join(path, '..'))).toEqual(['check.lock'])
    }
    for (const fighter of fighters) fighter.disconnect()
  })

  it('killed at any moment, they never work two at a time, and the lock never stays behind', async () => {
    const script = bundle('host/child/lock-worker.ts', top)
    const path = lockPath()
    const section = join(path, '../section')
    let output = ''
    const start = (): ChildProcess => {
      const child = spawn(process.execPath, [script, path, section], { stdio: ['ignore', 'pipe', 'pipe'] })
      child.stdout.on('data', (chunk) => {
        output += chunk
      })
      child.stderr.on('data', (chunk) => {
        output += `BROKEN ${chunk}`
      })
      children.push(child)
      return child
    }
    const kill = async (worker: ChildProcess): Promise<void> => {
      const ended = once(worker, 'exit')
      worker.kill('SIGKILL')
      await ended
    }
    const turns = () => output.split('turn\n').length - 1
    const workers = [start(), start(), start()]
    for (let kills = 0; kills < 10; kills++) {
      const before = turns()
      // Whomever it hits, in the section, in a take-over or between, the others must go on.
      while (turns() < before + 10) await new Promise((resolve) => setTimeout(resolve, 1))
      const victim = workers.shift()
      if (victim) await kill(victim)
      workers.push(start())
    }
    await Promise.all(workers.map(kill))
    expect(output).not.toContain('BROKEN')
    expect(takeLock(path, liveBase)).toEqual(held)
  })
})
