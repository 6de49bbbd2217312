import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { failed, type Reading, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { unreadableBy } from './errno.ts'
import { environmentFor } from './exec.ts'
import type { LineBounds, LinesRead, TakeLine } from './host.ts'
import { monotonicMs } from './monotonic.ts'

const chunkBytes = 256 * 1024
/** What is longer is cut there; the rest of the line is passed over. */
const maxLineBytes = 16 * 1024
const [lineFeed, gzipMagic] = [10, 0x8b1f]

/**
 * Hands over the lines of bytes that come in pieces, in bounded memory whatever the length of a line. Invalid UTF-8
 * becomes U+FFFD.
 */
export const makeLineSplitter = (take: TakeLine) => {
  let rest: Buffer = Buffer.alloc(0)
  let isSkipping = false
  const emit = (line: Buffer): void => {
    if (!isSkipping)
      take((rest.length === 0 ? line : Buffer.concat([rest, line])).toString('utf8', 0, maxLineBytes))
    rest = Buffer.alloc(0)
    isSkipping = false
  }
  return {
    push(bytes: Buffer): void {
      let from = 0
      for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, from)) {
        emit(bytes.subarray(from, at))
        from = at + 1
      }
      const left = bytes.subarray(from)
      if (left.length === 0 || isSkipping) return
      // A copy: the buffer that was handed in is used again.
      rest = Buffer.concat([rest, left])
      if (rest.length < maxLineBytes) return
      take(rest.toString('utf8', 0, maxLineBytes))
      rest = Buffer.alloc(0)
      isSkipping = true
    },
    end(): void {
      if (rest.length > 0) emit(Buffer.alloc(0))
    },
  }
}

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
    const lines = makeLineSplitter(take)
    const isPacked = isGzip(fd)
    const complete = isPacked
      ? await unpack(fd, lines, endMs)
      : readPlain(fd, stats.size, lines, endMs, bounds.maxBytes ?? Number.POSITIVE_INFINITY)
    lines.end()
    return value({ complete, modifiedAtMs })
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

type Lines = ReturnType<typeof makeLineSplitter>

/** No further than it reached when it was opened: a log may grow faster than it is read. */
const readPlain = (fd: number, size: number, lines: Lines, endMs: number, maxBytes: number): boolean => {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  const start = Math.max(0, size - maxBytes)
  for (let at = start; at < size; ) {
    if (monotonicMs() > endMs) return false
    const length = readSync(fd, buffer, 0, Math.min(buffer.length, size - at), at)
    if (length === 0) break
    lines.push(buffer.subarray(0, length))
    at += length
  }
  return start === 0
}

const unpack = async (fd: number, lines: Lines, endMs: number): Promise<boolean> => {
  const gunzip = createGunzip()
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
    const lines = makeLineSplitter(take)
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
      resolve(value({ complete: !isLate, modifiedAtMs: null, exitCode: child.exitCode, words: words.trim() }))
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
