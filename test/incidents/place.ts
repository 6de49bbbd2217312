import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { must, type Run, run } from '../e2e/environment.ts'

/** A host to break: what it is to have. */
export interface PlaceWish {
  hostname: string
  /** What will start the toolkit there. */
  scheduler: 'cron' | 'systemd'
  /** A Docker Engine of its own, with the image `image` in it. */
  docker?: boolean
  /** RAM of the whole host; where it is no machine of its own, by a memory cgroup around it. */
  memoryMiB?: number
}

export interface Place {
  /** In a line: what it is. */
  told: string
  /** As root in there. */
  run(argv: readonly string[], input?: string): Promise<Run>
  /** Shell text as root in there, which must succeed; gives what it printed. */
  shell(script: string, input?: string): Promise<string>
  /** Docker's client, against its engine; must succeed. */
  docker(...args: string[]): Promise<string>
  /** A file of there, as this process opens it. */
  path(inside: string): string
  /** Config and logs of the toolkit there, for who looks into a failure. */
  writings(): Promise<string>
  close(): Promise<void>
}

export const image = 'incident:1'

export const fromScript = (name: string): string => {
  const text = process.env[name]
  if (!text) throw new Error(`${name} is not set: run the replays by \`npm run test:incidents\``)
  return text
}

/** Whether this runs on a whole host that may be broken: then that is the place for all. */
export const isGuest = process.env.ORATIO_INCIDENTS_GUEST === '1'
/** How much longer the same takes on an emulated host that may not have both cores for itself. */
export const patience = isGuest ? 3 : 1
const timeoutMs = 100_000 * patience

const environment = ['/usr/bin/env', '-i', 'HOME=/root', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']

export const openPlace = async (name: string, wish: PlaceWish): Promise<Place> => {
  if (isGuest) return guest(wish)
  const folder = join(fromScript('ORATIO_INCIDENTS_WORK'), name)
  mkdirSync(folder, { recursive: true })
  const closers: (() => Promise<unknown>)[] = []
  const socket = wish.docker ? await engine(folder, closers) : null
  const { enter, root } =
    wish.scheduler === 'cron'
      ? await cronHost(folder, wish, socket, closers)
      : await machine(folder, wish, closers)
  return placeOf(
    {
      told: `${wish.scheduler === 'cron' ? 'cron in a Debian root' : 'systemd in a container'}${socket ? ', Docker Engine' : ''}`,
      enter,
      root,
      socket,
    },
    closers,
  )
}

interface Made {
  told: string
  /** What stands before a command to run it there. */
  enter: string[]
  /** Its root folder, as seen here. */
  root: string
  socket: string | null
}

const placeOf = ({ told, enter, root, socket }: Made, closers: (() => Promise<unknown>)[]): Place => {
  const shell = (script: string, input = ''): Promise<string> =>
    must([...enter, ...environment, '/bin/sh', '-euc', script], { input, timeoutMs })
  return {
    told,
    shell,
    run: (argv, input = '') => run([...enter, ...environment, ...argv], { input, timeoutMs }),
    docker: (...args) =>
      must(['docker', ...args], {
        env: socket === null ? {} : { DOCKER_HOST: `unix://${socket}` },
        timeoutMs,
      }),
    path: (inside) => `${root}${inside}`,
    writings: () =>
      shell(
        'tail -n 60 /etc/oratio-health/config.yaml /var/log/oratio-health/* /var/mail/letters/* 2>&1 || true',
      ).catch(String),
    async close() {
      for (const end of closers.reverse()) await end()
    },
  }
}

const script = (part: string): string => join(process.cwd(), 'scripts', 'real', `${part}.sh`)

const engine = async (folder: string, closers: (() => Promise<unknown>)[]): Promise<string> => {
  const at = join(folder, 'dockerd')
  closers.push(() => run([script('dockerd'), 'stop', at]))
  const socket = await must([script('dockerd'), 'start', at])
  await must([
    ...['curl', '-sf', '--max-time', '300', '--unix-socket', socket, '-H', 'Content-Type: application/x-tar'],
    ...['--data-binary', `@${fromScript('ORATIO_INCIDENTS_IMAGE')}`],
    'http://engine/images/create?fromSrc=-&repo=incident&tag=1',
  ])
  return socket
}

const cronHost = async (
  folder: string,
  { hostname }: PlaceWish,
  socket: string | null,
  closers: (() => Promise<unknown>)[],
) => {
  const at = join(folder, 'cron-host')
  closers.push(() => run([script('cron-host'), 'stop', at]))
  const pid = await must([
    ...[script('cron-host'), 'start', at, fromScript('ORATIO_INCIDENTS_ROOT'), hostname],
    `${fromScript('ORATIO_INCIDENTS_NODE')}:/usr/bin/node`,
    `${fromScript('ORATIO_INCIDENTS_PROGRAM')}:/opt/oratio-health`,
    ...(socket === null ? [] : [`${socket}:/run/docker.sock`]),
  ])
  return { enter: ['nsenter', '-t', pid, '-m', '-u', '-r', '-w', '--'], root: `/proc/${pid}/root` }
}

const machine = async (
  folder: string,
  { hostname, memoryMiB }: PlaceWish,
  closers: (() => Promise<unknown>)[],
) => {
  const at = join(folder, 'machine')
  const memory = memoryMiB === undefined ? null : await memoryCgroup(memoryMiB, closers)
  closers.push(() => run([script('machine'), 'stop', at]))
  // The kernel's own words are this machine's as well: a kill by the OOM killer is said nowhere else.
  const options = '--bind=/dev/kmsg --capability=CAP_SYSLOG,CAP_LINUX_IMMUTABLE'
  const pid = await must(
    [
      ...['bash', '-c', `${memory === null ? '' : `echo $$ >${memory}/cgroup.procs; `}exec "$@"`, 'start'],
      ...[script('machine'), 'start', at, fromScript('ORATIO_INCIDENTS_ROOT')],
      `${fromScript('ORATIO_INCIDENTS_NODE')}:/usr/bin/node`,
      `${fromScript('ORATIO_INCIDENTS_PROGRAM')}:/opt/oratio-health`,
    ],
    { env: { MACHINE_NAME: hostname, MACHINE_OPTIONS: options } },
  )
  return { enter: ['nsenter', '-t', pid, '-a', '--'], root: `/proc/${pid}/root` }
}

/** A cgroup (v1) with a limit, for all of a machine. */
const memoryCgroup = async (memoryMiB: number, closers: (() => Promise<unknown>)[]): Promise<string> => {
  const at = `/sys/fs/cgroup/memory/oratio-incident-${process.pid}`
  await must(['bash', '-euc', `mkdir ${at}; echo ${memoryMiB}M >${at}/memory.limit_in_bytes`])
  closers.push(() => run(['bash', '-c', `for i in $(seq 50); do rmdir ${at} && exit; sleep 0.1; done`]))
  return at
}

/** The whole host is the place; one replay at a time has it, and leaves it as it was. */
const guest = async ({ hostname }: PlaceWish): Promise<Place> => {
  await must(['hostname', hostname])
  const place = placeOf({ told: 'a whole host, cgroup v2', enter: [], root: '', socket: null }, [])
  return {
    ...place,
    async close() {
      await place.run(['oratio-health', 'uninstall', '--purge'])
      await place.shell('docker ps -aq | xargs -r docker rm -f; rm -rf /var/mail/letters')
    },
  }
}

/** A process of the replay's own on this host, ended by `stop`. */
export const background = (argv: readonly string[]): { stop(): void } => {
  const [program = '', ...args] = argv
  const child = spawn(program, args, { stdio: 'ignore' })
  return { stop: () => child.kill('SIGKILL') }
}
