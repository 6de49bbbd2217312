import { type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { parsePasswd } from '../../parse/passwd.ts'
import { userId } from './user-id.ts'

/** Also of LDAP or systemd-homed: who is not in /etc/passwd is asked for by getent(1), which asks whatever nsswitch.conf names. */
export const askedUserId = async (host: Host, user: string): Promise<Reading<number>> => {
  const own = userId(host, user)
  if (own.kind === 'value') return own
  const asked = await host.run(['getent', 'passwd', '--', user], { timeoutMs: 5000 })
  if (asked.kind === 'failed' && asked.cause === 'timeout') return asked
  if (asked.kind !== 'value' || asked.value.exitCode !== 0) return own
  // A line such as `ada:x:5000:5000:Ada:/home/ada:/bin/bash`.
  const uid = parsePasswd(asked.value.stdout).get(user)
  return uid === undefined ? own : value(uid)
}
