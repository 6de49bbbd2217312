import { crc32 } from '../core/crc32.ts'

/** Two copies of it, so that one bad block does not cost the whole history; records begin after them. */
export const headerBytes = 512
export const headersBytes = 2 * headerBytes

export const historyVersion = 1

const magic = 'oratio-health history\n'
const nameAt = 32
const crcAt = headerBytes - 4
// Of UTF-16 units.
const longestName = 220

export type Header = { version: number; name: string } | 'broken'

/** A longer name is cut: it tells whose history it is, the file name tells them apart. */
export const encodeHeader = (name: string): Uint8Array => {
  const bytes = new Uint8Array(headerBytes)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < magic.length; i++) bytes[i] = magic.charCodeAt(i)
  view.setUint16(24, historyVersion, true)
  const units = Math.min(longestName, name.length)
  view.setUint16(26, units, true)
  for (let i = 0; i < units; i++) view.setUint16(nameAt + 2 * i, name.charCodeAt(i), true)
  view.setUint32(crcAt, crc32(bytes, 0, crcAt), true)
  return bytes
}

/** Of the bytes at the beginning of a file; the first sound one of the two copies. */
export const decodeHeaders = (bytes: Uint8Array): Header => {
  const first = decodeHeader(bytes, 0)
  return first === 'broken' ? decodeHeader(bytes, headerBytes) : first
}

const decodeHeader = (bytes: Uint8Array, from: number): Header => {
  if (bytes.length < from + headerBytes) return 'broken'
  for (let i = 0; i < magic.length; i++) if (bytes[from + i] !== magic.charCodeAt(i)) return 'broken'
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, headerBytes)
  if (view.getUint32(crcAt, true) !== crc32(bytes, from, from + crcAt)) return 'broken'
  const units = Math.min(longestName, view.getUint16(26, true))
  const name = Array.from({ length: units }, (_, i) =>
    String.fromCharCode(view.getUint16(nameAt + 2 * i, true)),
  )
  return { version: view.getUint16(24, true), name: name.join('') }
}
