import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { command } from '../../../src/commands/crash-report.ts'
import { type Reading, value } from '../../../src/core/reading.ts'
import type { Host, LinesRead } from '../../../src/host/host.ts'
import { readFileLines } from '../../../src/host/log-lines.ts'
import { capturedBase, liveBase } from '../../support/bases.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { contextOf, documentOf, type TempHost, tempHost } from '../temp-host.ts'

export const top = tempFolder('crash-report')
export const view = { columns: 80, color: false, verbose: false }
export const nowMs = new Date(2026, 10, 26, 12, 0, 0).getTime()
let count = 0

/** All that the kernel says on a good day. */
export const quiet = 'Nov 26 11:00:01 box kernel: usb 1-1: new device'

/** One kill, as the kernel tells it an hour before now. */
export const kernel = [
  'python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  '[   1010]     0  1010  2000000  1500000    12345        0             0 capture_monitor',
  'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/capture.service,task_memcg=/system.slice/capture.service,task=capture_monitor,pid=1010,uid=0',
  'Memory cgroup out of memory: Killed process 1010 (capture_monitor) total-vm:8000000kB, anon-rss:6000000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:12345kB oom_score_adj:0',
].map((text) => `Nov 26 11:00:01 box kernel: [  100.000000] ${text}`)

export interface Scene extends Partial<TempHost> {
  /** Lines that `journalctl …` prints, by a word of its arguments. */
  programs?: Record<string, string[]>
  /** What these answer instead, by a word of their arguments. */
  instead?: Record<string, Reading<LinesRead>>
  /** Gets what was run. */
  asked?: string[][]
  options?: Record<string, unknown>
  json?: boolean
  dryRun?: boolean
  /** Records of /dev/kmsg; without them there is none. */
  ring?: string[] | Reading<LinesRead>
  /** What is changed of the host that these make. */
  change?: (host: Host) => Partial<Host>
  config?: object
  /** Gets which own files were read. */
  reads?: string[]
  /** Own files, by path. */
  saved?: Record<string, string>
}

const linesRead = (lines: number): Reading<LinesRead> =>
  value({ complete: true, lines, modifiedAtMs: null, exitCode: 0, words: '' })

/** The command on a host of these files; what it would write is given back. */
export const run = async ({
  programs = { _TRANSPORT: [quiet] },
  instead = {},
  asked = [],
  options = {},
  json = false,
  dryRun = false,
  ring,
  change = () => ({}),
  config = {},
  saved = {},
  reads = [],
  ...scene
}: Scene) => {
  const root = join(top, `host-${count++}`)
  mkdirSync(root)
  const made = tempHost(root, {
    nowMs,
    ...scene,
    files: { '/proc/stat': 'btime 1795600000\n', ...scene.files },
  })
  const writes: { path: string; text: string; mode: number | undefined }[] = []
  const removed: string[] = []
  const host: Host = {
    ...made,
    ...change(made),
    logs: {
      file: (path, take, bounds) =>
        readFileLines(path.startsWith(top) ? liveBase : capturedBase(root), path, take, bounds),
      kernelRing: async (take) => {
        if (!Array.isArray(ring)) return ring ?? { kind: 'absent', what: '/dev/kmsg' }
        for (const line of ring) take(line)
        return linesRead(ring.length)
      },
      program: async (argv, take) => {
        asked.push([...argv])
        const key = Object.keys(programs).find((word) => argv.some((arg) => arg.includes(word)))
        const lines = programs[key ?? ''] ?? []
        for (const line of lines) take(line)
        const other = Object.keys(instead).find((word) => argv.some((arg) => arg.includes(word)))
        return other === undefined ? linesRead(lines.length) : (instead[other] as Reading<LinesRead>)
      },
    },
    save: savedFiles(saved, writes, removed, reads),
  }
  const loaded = { config: { services: {}, ...config } as never, path: null, warnings: [] }
  const result = await command.run({ ...contextOf(host, { json, dryRun }), loaded, options })
  expect(validateDocument(documentOf(result))).toEqual([])
  return { result, text: result.text(view), writes, removed, body: result.document?.body ?? {} }
}

const savedFiles = (
  saved: Record<string, string>,
  writes: { path: string; text: string; mode: number | undefined }[],
  removed: string[],
  reads: string[],
): Host['save'] => {
  const read = (path: string): Reading<string> => {
    reads.push(path)
    return path in saved ? value(saved[path] ?? '') : { kind: 'absent', what: path }
  }
  return {
    ensureFolder: () => value(true as const),
    info: (path: string) => {
      const text = read(path)
      return text.kind === 'value'
        ? value({
            ...{ kind: 'file', sizeBytes: text.value.length, modifiedAtMs: nowMs },
            ...{ mode: 0o640, uid: 0, inode: 1 },
          })
        : text
    },
    readText: read,
    positioned: (path: string) => {
      reads.push(path)
      return { kind: 'absent', what: path }
    },
    list: (folder: string) =>
      value(
        Object.keys(saved)
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1)),
      ),
    remove: (path: string) => {
      removed.push(path)
      return value(true as const)
    },
    replace: (path: string, text: string, mode?: number) => {
      writes.push({ path, text, mode })
      return value(true as const)
    },
  } as unknown as Host['save']
}

export const given = (name: string, content: string | Buffer): string => {
  const path = join(top, name)
  writeFileSync(path, content)
  return path
}
