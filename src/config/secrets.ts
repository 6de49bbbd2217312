import { hiddenSecret, hideCredentials, maxSecretBytes, secretIn } from '../core/credentials.ts'
import { flatMapReading, type Reading } from '../core/reading.ts'
import type { Host } from '../host/host.ts'

/** The secret in a file such as `password_file`, as core/credentials.ts has it. */
export const readSecretFile = (host: Host, path: string): Reading<string> =>
  flatMapReading(host.files.readText(path, { maxBytes: maxSecretBytes }), (text) => secretIn(text, path))

export const holdsCredentials = (text: string): boolean => hideCredentials(text) !== text

export { hiddenSecret, hideCredentials }
