import { failed, type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { parsePasswd } from '../../parse/passwd.ts'

/**
 * As a number, by name in /etc/passwd, or of LDAP or systemd-homed: who is not in the file is asked for by getent(1),
 * which asks whatever nsswitch.conf names.
 */
export const userId = async (host: Host, user: string): Promise<Reading<number>> => {
  if (/^\d+$/.test(user)) return value(Number(user))
  const own = inPasswd(host, user)
  if (own.kind === 'value') return own
  const asked = await host.run(['getent', 'passwd', '--', user], { timeoutMs: 5000 })
  if (asked.kind === 'failed' && asked.cause === 'timeout') return asked
  if (asked.kind !== 'value' || asked.value.exitCode !== 0) return own
  // A line such as `ada:x:5000:5000:Ada:/home/ada:/bin/bash`.
  const uid = parsePasswd(asked.value.stdout).get(user)
  return uid === undefined ? own : value(uid)
}

const inPasswd = (host: Host, user: string): Reading<number> => {
  const passwd = host.files.readText('/etc/passwd')
  if (passwd.kind !== 'value') return passwd
  const uid = parsePasswd(passwd.value).get(user)
  return uid === undefined ? failed('malformed', '/etc/passwd', `has no user ${user}`) : value(uid)
}
