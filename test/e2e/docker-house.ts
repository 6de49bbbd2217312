import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  documentOf,
  engineSocket,
  image,
  launcher,
  must,
  quietHost,
  run,
  type ServiceDocument,
  temporaryFolder,
} from './environment.ts'

export const docker = (...args: string[]): Promise<string> =>
  must(['docker', ...args], { env: { DOCKER_HOST: `unix://${engineSocket()}` } })

export const start = (name: string, options: readonly string[], ...command: string[]): Promise<string> =>
  docker('run', '-d', '--name', name, ...options, image(), ...command)

/** The container's first process, as this host's pid; `0`: none. */
export const initOf = (name: string): Promise<string> => docker('inspect', '-f', '{{.State.Pid}}', name)

export const removeAll = async (): Promise<void> => {
  const ids = (await docker('ps', '-aq')).split('\n').filter((id) => id !== '')
  if (ids.length > 0) await docker('rm', '-f', ...ids)
}

interface Checked {
  exitCode: number
  startedAtMs: number
  /** @throws where the document has none of that name */
  of(name: string): ServiceDocument
}

export interface DockerHouse {
  configure(services: string): void
  check(...args: string[]): Promise<Checked>
  /** What `check -v` prints. */
  told(): Promise<string>
  /** Of a file in the state or the log folder; empty when it is not there. */
  saved(name: 'state/state.json' | 'state/journal.json' | 'log/restart_history.log'): string
}

/** A config, a state and a log folder of one test; only services are judged. */
export const dockerHouse = (): DockerHouse => {
  const folder = temporaryFolder()
  const config = join(folder, 'config.yaml')
  const places = ['-c', config, '--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')]
  return {
    configure: (services) =>
      writeFileSync(config, `${quietHost}  disks: { warn: off, crit: off }\nservices:\n${services}`, {
        mode: 0o600,
      }),
    async check(...args) {
      const ran = await run([process.execPath, launcher(), 'check', '--json', ...places, ...args], {
        env: { DOCKER_HOST: `unix://${engineSocket()}` },
      })
      const { exitCode, services, startedAt } = documentOf(ran)
      return {
        exitCode,
        startedAtMs: Date.parse(startedAt),
        of(name) {
          const found = services.find((service) => service.name === name)
          if (!found) throw new Error(`no ${name} in ${ran.stdout}`)
          return found
        },
      }
    },
    async told() {
      const ran = await run([process.execPath, launcher(), 'check', '-v', ...places], {
        env: { DOCKER_HOST: `unix://${engineSocket()}` },
      })
      return ran.stdout
    },
    saved(name) {
      try {
        return readFileSync(join(folder, name), 'utf8')
      } catch {
        return ''
      }
    },
  }
}

/**
 * A wallet daemon's RPC on port 17777 that answers with an error while /dead is there, with orphans whom its init adopts.
 * The image has the smallest python, without http.server.
 */
export const walletDaemon = (orphans: number): string => `
for i in $(seq ${orphans}); do (sleep 3600 &) ; done
exec python3 -c '
import os, re, socket
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 17777))
server.listen(50)
while True:
    client = server.accept()[0]
    call = client.recv(65536).decode()
    while "method" not in call: call += client.recv(65536).decode()
    said = "\\"error\\":{\\"code\\":-1,\\"message\\":\\"wallet not loaded\\"}" if os.path.exists("/dead") else "\\"result\\":\\"4.5\\""
    body = "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":" + re.search(r"\\"id\\": *([^,}]+)", call).group(1) + "," + said + "}"
    client.sendall(("HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body)).encode())
    client.close()
'
`
