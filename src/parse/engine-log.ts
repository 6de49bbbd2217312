const headerBytes = 8

/**
 * The lines of `GET /containers/ID/logs?timestamps=1`, in the order in which they were completed. Without a TTY the
 * answer is frames of one stream each: a byte 0–3 (stdin, stdout, stderr, the engine's own errors), three zeros, the
 * length as 32 bits big-endian, then that many bytes; a line may be spread over frames. With a TTY it is plain text;
 * that begins with the digit of a stamp, which tells it from a frame in every version (the content type does so
 * from API 1.42 on only). What is cut off at the end is left out but for a last line without an end.
 * https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach
 */
export const parseEngineLog = (bytes: Uint8Array): string => {
  if ((bytes[0] ?? 0) > 3) return decode(bytes)
  const open = new Map<number, string>()
  const lines: string[] = []
  for (const { stream, payload } of framesOf(bytes)) {
    const text = (open.get(stream) ?? '') + decode(payload)
    // Most frames are one whole line.
    const end = text.lastIndexOf('\n') + 1
    lines.push(text.slice(0, end))
    open.set(stream, text.slice(end))
  }
  const unended = [...open.values()].filter((text) => text !== '').map((text) => `${text}\n`)
  return [...lines, ...unended].join('')
}

/** How many lines there are; a last one without an end counts. */
export const countLines = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count + (text === '' || text.endsWith('\n') ? 0 : 1)
}

function* framesOf(bytes: Uint8Array): Generator<{ stream: number; payload: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const stream = view.getUint8(at)
    const from = at + headerBytes
    const to = from + view.getUint32(at + 4)
    // Neither a frame that was cut nor one that is none can be gone on from.
    if (stream > 3 || to > bytes.length) return
    yield { stream, payload: bytes.subarray(from, to) }
    at = to
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const decode = (bytes: Uint8Array): string => decoder.decode(bytes)
