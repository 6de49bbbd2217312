import { failed, type Reading, value } from './reading.ts'

/** What is shown in the place of a secret. */
export const hiddenSecret = '***'

/** `http://user:pass@host/` → `http://***@host/`; text without such credentials comes back as it is. */
export const hideCredentials = (text: string): string =>
  text.replaceAll(/(\w:\/\/)[^\s?#]*@/g, `$1${hiddenSecret}@`)

/** Far above any password or token; a wrong path, such as a log, should not be read whole. */
export const maxSecretBytes = 64 * 1024

/**
 * The secret in the text of a file such as `password_file`: without the line end that editors and `echo` add.
 * `failed('malformed')` when it is empty or holds more lines, which would end up inside an HTTP header.
 */
export const secretIn = (text: string, path: string): Reading<string> => {
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') return failed('malformed', path, 'is empty')
  return /[\r\n\0]/.test(secret) ? failed('malformed', path, 'holds more than one line') : value(secret)
}
