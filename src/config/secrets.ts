import { failed, type Reading, value } from '../core/reading.ts'
import type { Host } from '../host/host.ts'

const hidden = '***'

/** Far above any password or token; a wrong path, such as a log, should not be read whole. */
const maxSecretBytes = 64 * 1024

/**
 * The secret in a file such as `password_file`: its text without the line end that editors and `echo` add.
 * `failed('malformed')` when it is empty or holds more lines, which would end up inside an HTTP header.
 */
export const readSecretFile = (host: Host, path: string): Reading<string> => {
  const text = host.files.readText(path, { maxBytes: maxSecretBytes })
  if (text.kind !== 'value') return text
  const secret = text.value.replace(/\r?\n$/, '')
  if (secret === '') return failed('malformed', path, 'is empty')
  return /[\r\n\0]/.test(secret) ? failed('malformed', path, 'holds more than one line') : value(secret)
}

/** `http://user:pass@host/` → `http://***@host/`; text without such credentials comes back as it is. */
export const hideCredentials = (text: string): string =>
  text.replaceAll(/(\w:\/\/)[^\s?#]*@/g, `$1${hidden}@`)

export const holdsCredentials = (text: string): boolean => hideCredentials(text) !== text

/** What is shown in the place of a secret. */
export const hiddenSecret = hidden
