import { accessSync, constants, existsSync } from 'node:fs'
import { absent, type Reading, value } from '../core/reading.ts'
import { type EngineAddress, parseDockerHost } from '../parse/docker-host.ts'
import type { HostBase } from './base.ts'

/**
 * Where the container engine listens: DOCKER_HOST, or the first of the usual sockets that this user may use, or the
 * first one there when none is usable (asking it then says why). `absent` when there is none.
 */
export const findEngine = (base: HostBase): Reading<EngineAddress> => {
  const { DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_TLS } = base.env
  if (DOCKER_HOST) return parseDockerHost(DOCKER_HOST, Boolean(DOCKER_TLS_VERIFY || DOCKER_TLS))
  const there = usualSockets(base)
    .map((path) => base.at(path))
    .filter((path) => existsSync(path))
  const socketPath = there.find(mayConnect) ?? there[0]
  return socketPath === undefined ? absent('container engine') : value({ kind: 'unix', socketPath })
}

const usualSockets = ({ env, uid }: HostBase): string[] => {
  // cron does not set XDG_RUNTIME_DIR; pam_systemd makes it this folder.
  const own = env.XDG_RUNTIME_DIR || (uid > 0 ? `/run/user/${uid}` : null)
  return [
    '/var/run/docker.sock',
    '/run/docker.sock',
    ...(own === null ? [] : [`${own}/docker.sock`]),
    '/run/podman/podman.sock',
    ...(own === null ? [] : [`${own}/podman/podman.sock`]),
  ]
}

/** To connect to a unix socket is to write to it (unix(7)). */
const mayConnect = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
