import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { failed, type Reading, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { unreadableBy } from './errno.ts'
import { environmentFor } from './exec.ts'
import type { LineBounds, LinesRead, TakeLine } from './host.ts'
import { type LineSplitter, makeLineSplitter } from './line-splitter.ts'
import { monotonicMs } from './monotonic.ts'

const chunkBytes = 256 * 1024
/** How often others have their turn: a signal, the end of the time of the whole run. */
const breathBytes = 16 * 1024 * 1024
const gzipMagic = 0x8b1f

/** The lines of a regular file, packed by gzip or not, as `HostLogs.file` says. */
export const readFileLines = async (
  base: HostBase,
  path: string,
  take: TakeLine,
  bounds: LineBounds,
): Promise<Reading<LinesRead>> => {
  const endMs = monotonicMs() + bounds.maxMs
  let fd: number | null = null
  try {
    fd = openSync(
      base.at(path),
      constants.O_RDONLY | constants.O_NONBLOCK | (base.live ? 0 : constants.O_NOFOLLOW),
    )
    const stats = fstatSync(fd)
    if (!stats.isFile()) return failed('malformed', path, 'is not a regular file')
    const modifiedAtMs = stats.mtimeMs
    const lines = makeLineSplitter(take, bounds.filter)
    const isPacked = isGzip(fd)
    const complete = isPacked
      ? await unpack(fd, lines, endMs)
      : await readPlain(fd, stats.size, lines, endMs, bounds.maxBytes ?? Number.POSITIVE_INFINITY)
    lines.end()
    return value({ complete, lines: lines.count(), modifiedAtMs })
  } catch (error) {
    return unreadableBy(error, path)
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

const isGzip = (fd: number): boolean => {
  const magic = Buffer.alloc(2)
  return readSync(fd, magic, 0, 2, 0) === 2 && magic.readUInt16LE() === gzipMagic
}

/** No further than it reached when it was opened: a log may grow faster than it is read. */
const readPlain = async (
  fd: number,
  size: number,
  lines: LineSplitter,
  endMs: number,
  maxBytes: number,
): Promise<boolean> => {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  const start = Math.max(0, size - maxBytes)
  for (let [at, breathAt] = [start, start + breathBytes]; at < size; ) {
    if (monotonicMs() > endMs) return false
    if (at >= breathAt) {
      breathAt = at + breathBytes
      await new Promise((resolve) => setImmediate(resolve))
    }
    const length = readSync(fd, buffer, 0, Math.min(buffer.length, size - at), at)
    if (length === 0) break
    lines.push(buffer.subarray(0, length))
    at += length
  }
  return start === 0
}

const unpack = async (fd: number, lines: LineSplitter, endMs: number): Promise<boolean> => {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  const unpacked = (async () => {
    for await (const bytes of gunzip) lines.push(bytes as Buffer)
    return true
  })()
  // Truncated or damaged: what was before that is used.
  const whole = unpacked.catch(() => false)
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let inTime = true
  for (let at = 0; ; ) {
    inTime = monotonicMs() <= endMs
    const length = inTime ? readSync(fd, buffer, 0, buffer.length, at) : 0
    if (length === 0 || gunzip.destroyed || gunzip.errored) break
    at += length
    if (!gunzip.write(Buffer.from(buffer.subarray(0, length)))) await drained(gunzip)
  }
  gunzip.end()
  return (await whole) && inTime
}

const drained = (stream: ReturnType<typeof createGunzip>): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      stream.off('drain', go)
      stream.off('error', go)
      resolve()
    }
    stream.on('drain', go)
    stream.on('error', go)
  })

/** The lines a program prints, as `HostLogs.program` says. Not by execa: it keeps what it reads. */
export const readProgramLines = (
  base: HostBase,
  argv: readonly [string, ...string[]],
  take: TakeLine,
  bounds: LineBounds,
): Promise<Reading<LinesRead>> =>
  new Promise((resolve) => {
    const [name, ...args] = argv
    const child: ChildProcessByStdio<null, Readable, Readable> = spawn(name, args, {
      cwd: '/',
      env: environmentFor(base.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const lines = makeLineSplitter(take, bounds.filter)
    let [words, isLate] = ['', false]
    const end = (): void => {
      isLate = true
      child.kill('SIGKILL')
      finish()
    }
    const timer = setTimeout(end, bounds.maxMs)
    const finish = (): void => {
      clearTimeout(timer)
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      resolve(
        value({
          complete: !isLate,
          lines: lines.count(),
          modifiedAtMs: null,
          exitCode: child.exitCode,
          words: words.trim(),
        }),
      )
    }
    child.stdout.on('data', (bytes: Buffer) => {
      if (!isLate) lines.push(bytes)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(0, 2000)
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      const reading = unreadableBy(error, name)
      resolve(
        reading.kind === 'absent' ? failed('tool-missing', name, 'is not installed or not in PATH') : reading,
      )
    })
    child.once('close', () => {
      if (isLate) return
      lines.end()
      finish()
    })
  })
