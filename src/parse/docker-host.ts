import { failed, type Reading, value } from '../core/reading.ts'

/** Where an engine listens. `loopback`: its pids are this host's. */
export type EngineAddress =
  | { kind: 'unix'; socketPath: string }
  | { kind: 'tcp'; url: string; loopback: boolean }

/**
 * `DOCKER_HOST` as the docker command takes it: `unix:///run/user/1000/docker.sock`, `tcp://127.0.0.1:2375` (2375 when
 * no port is given). `ssh://` and TLS are not supported: `failed`.
 *
 * @param tls DOCKER_TLS_VERIFY or DOCKER_TLS is set
 */
export const parseDockerHost = (text: string, tls: boolean): Reading<EngineAddress> => {
  const [, scheme, rest] = /^([a-z]+):\/\/(.+)$/.exec(text.trim()) ?? []
  if (scheme === undefined || rest === undefined)
    return unsupported('is not of the form unix:///path or tcp://host:port')
  if (scheme === 'unix')
    return rest.startsWith('/')
      ? value({ kind: 'unix', socketPath: rest })
      : unsupported('names no absolute path')
  if (scheme !== 'tcp' && scheme !== 'http')
    return unsupported(`${scheme}:// is not supported, unix:// and tcp:// are`)
  if (tls) return unsupported('tcp:// with TLS is not supported; use unix:// or tcp:// on loopback')
  const [, host, port] = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/.exec(rest) ?? []
  if (host === undefined || Number(port) > 65_535) return unsupported('is not of the form tcp://host:port')
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host)
  return value({ kind: 'tcp', url: `http://${host}:${port ?? 2375}`, loopback })
}

/** The value itself is not shown: it may hold a user and a password. */
const unsupported = (detail: string): Reading<EngineAddress> => failed('malformed', 'DOCKER_HOST', detail)
