import { failed, type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { parsePasswd } from '../../parse/passwd.ts'

/** By name in /etc/passwd, or as a number. */
export const userId = (host: Host, user: string): Reading<number> => {
  if (/^\d+$/.test(user)) return value(Number(user))
  const passwd = host.files.readText('/etc/passwd')
  if (passwd.kind !== 'value') return passwd
  const uid = parsePasswd(passwd.value).get(user)
  return uid === undefined ? failed('malformed', '/etc/passwd', `has no user ${user}`) : value(uid)
}
