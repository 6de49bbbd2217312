import { crc32 } from '../core/crc32.ts'
import type { HistoryRecord } from '../core/history.ts'

export const recordBytes = 96

const crcAt = 92
// Of a count that was not measured.
const none = 0xffffffff
// Of the last byte of an f64.
const signBit = 0x80

/** `empty`: never written, or a hole; `broken`: torn or decayed. Both are gaps. */
export type Decoded = HistoryRecord | 'empty' | 'broken'

/** The bytes of one record, little-endian; docs/history.md has the layout. */
export const encodeRecord = (record: HistoryRecord): Uint8Array => {
  const bytes = new Uint8Array(recordBytes)
  const view = new DataView(bytes.buffer)
  const u32 = (at: number, given: number | null): void =>
    view.setUint32(at, given === null ? none : Math.max(0, Math.min(none - 1, Math.round(given))), true)
  const f64 = (at: number, given: number | null): void => view.setFloat64(at, given ?? Number.NaN, true)
  u32(0, record.sequence)
  u32(4, record.samples)
  f64(8, record.firstAtMs)
  u32(16, record.lastAtMs - record.firstAtMs)
  view.setUint32(20, record.identity, true)
  f64(24, record.floorBytes)
  f64(32, record.meanBytes)
  f64(40, record.peakBytes)
  f64(48, record.usedBytes)
  f64(56, record.limitBytes)
  f64(64, record.swapBytes)
  f64(72, record.cpuSeconds)
  // All other bytes are taken; 0 and NaN have a sign, too.
  if (record.cpuFell) view.setUint8(79, view.getUint8(79) | signBit)
  u32(80, record.processes)
  u32(84, record.openFiles)
  u32(88, record.threads)
  view.setUint32(crcAt, crc32(bytes, 0, crcAt), true)
  return bytes
}

/** The record that begins at `from`. One that is cut off is empty if nothing of it is there, else broken. */
export const decodeRecord = (bytes: Uint8Array, from = 0): Decoded => {
  if (bytes.length < from + recordBytes) return bytes.length <= from ? 'empty' : 'broken'
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, recordBytes)
  const sequence = view.getUint32(0, true)
  const crc = view.getUint32(crcAt, true)
  if (sequence === 0 && crc === 0 && isZero(bytes, from)) return 'empty'
  if (crc !== crc32(bytes, from, from + crcAt)) return 'broken'
  const optional = (at: number): number | null => {
    const read = view.getFloat64(at, true)
    return Number.isFinite(read) ? read : null
  }
  const count = (at: number): number | null => {
    const read = view.getUint32(at, true)
    return read === none ? null : read
  }
  const firstAtMs = view.getFloat64(8, true)
  const record: HistoryRecord = {
    sequence,
    samples: view.getUint32(4, true),
    firstAtMs,
    lastAtMs: firstAtMs + view.getUint32(16, true),
    identity: view.getUint32(20, true),
    floorBytes: view.getFloat64(24, true),
    meanBytes: view.getFloat64(32, true),
    peakBytes: view.getFloat64(40, true),
    usedBytes: optional(48),
    limitBytes: optional(56),
    swapBytes: optional(64),
    cpuSeconds: magnitudeOf(optional(72)),
    cpuFell: (view.getUint8(79) & signBit) !== 0,
    processes: count(80),
    openFiles: count(84),
    threads: count(88),
  }
  return isSound(record) ? record : 'broken'
}

const magnitudeOf = (given: number | null): number | null => (given === null ? null : Math.abs(given))

const isZero = (bytes: Uint8Array, from: number): boolean => {
  for (let i = from; i < from + recordBytes; i++) if (bytes[i] !== 0) return false
  return true
}

/** A checksum finds accidents; a record that nobody of ours would write is none either. */
const isSound = ({
  sequence,
  samples,
  firstAtMs,
  floorBytes,
  meanBytes,
  peakBytes,
}: HistoryRecord): boolean =>
  sequence > 0 &&
  samples > 0 &&
  Number.isFinite(firstAtMs) &&
  [floorBytes, meanBytes, peakBytes].every((one) => Number.isFinite(one) && one >= 0)
