import { hiddenSecret, hideCredentials, maxSecretBytes, secretIn } from '../../core/credentials.ts'
import { clip } from '../../core/escape.ts'
import { failed, flatMapReading, mustBeThere, type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import type { Login } from './probe.ts'

/** The address without user, password and query: `127.0.0.1:8080/health`, `https://example.org/health?…`. */
export const shownAddress = (address: string): string => {
  // It may be no URL at all and still hold a password.
  if (!URL.canParse(address)) return hiddenSecret
  const { protocol, host, pathname, search } = new URL(address)
  const scheme = protocol === 'http:' ? '' : `${protocol}//`
  return `${scheme}${host}${pathname === '/' ? '' : pathname}${search === '' ? '' : '?…'}`
}

/** Why nothing can be sent there, or null. After this a `malformed` answer is the server's. */
export const addressProblem = (address: string): Reading<never> | null => {
  if (!URL.canParse(address)) return failed('malformed', 'address', 'is no URL')
  const { username, password } = new URL(address)
  try {
    decodeURIComponent(username + password)
    return null
  } catch {
    return failed('malformed', 'address', 'its user or password has a % that is not encoded as %25')
  }
}

/** What the request is sent with; a user without a password has an empty one. */
export const credentialsOf = (
  host: Host,
  { user, password, password_file }: Login,
): Reading<{ user?: string; password?: string }> => {
  const given = password_file === null ? value(password) : readPassword(host, password_file)
  if (given.kind !== 'value') return given
  if (user === null && given.value === null) return value({})
  return value({ ...(user === null ? {} : { user }), password: given.value ?? '' })
}

const readPassword = (host: Host, path: string): Reading<string> =>
  flatMapReading(mustBeThere(host.files.readText(path, { maxBytes: maxSecretBytes })), (text) =>
    secretIn(text, path),
  )

/** Words of a server, without the password should they repeat it. */
export const serverWords = (text: string, password: string | undefined): string => {
  const safe = hideCredentials(text.slice(0, 2000))
  return clip(password ? safe.replaceAll(password, hiddenSecret) : safe, 200)
}
