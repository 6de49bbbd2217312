import { checksum } from '../core/checksum.ts'

const sumKey = ',"sum":"'

/**
 * JSON on one line, whose last key is a checksum of all before it. On a worn SD card a bit flips inside a number, and
 * that file is JSON still; nobody should be restarted for it.
 *
 * @param document has one key at least, and none called `sum`
 */
export const sealJson = (document: Readonly<Record<string, unknown>>): string => {
  const body = JSON.stringify(document).slice(0, -1)
  return `${body}${sumKey}${checksum(body)}"}\n`
}

/** The document of version 1 in a text, or why there is none in it. One without a checksum is somebody's own, and welcome. */
export const unsealJson = (text: string): Record<string, unknown> | string => {
  const at = text.lastIndexOf(sumKey)
  const sum = /^([0-9a-f]{8})"\}\n$/.exec(text.slice(at + sumKey.length))?.[1]
  if (at >= 0 && sum !== undefined && sum !== checksum(text.slice(0, at))) return 'its checksum is wrong'
  const parsed = parseJson(text)
  if (!isRecord(parsed)) return text === '' ? 'it is empty' : 'it is not JSON, or cut off'
  return parsed.version === 1 ? parsed : 'it is of another version'
}

export const isRecord = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
