import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '..', '..')
const cache = process.env.ORATIO_E2E_CACHE ?? '/var/tmp/oratio-health-e2e'

export interface Run {
  exitCode: number | null
  /** stdout and stderr as they came. */
  output: string
}

/** Runs a program to its end, with PATH, HOME and what is given as its environment. */
export const run = (
  argv: readonly string[],
  {
    env = {},
    input = '',
    cwd = project,
  }: { env?: Record<string, string>; input?: string; cwd?: string } = {},
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = argv
    const child = spawn(program, args, {
      cwd,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/root', ...env },
      timeout: 240_000,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        output += part
      })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, output }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })

/** As `run`, for what must succeed; gives what it printed. */
export const must = async (
  argv: readonly string[],
  options: Parameters<typeof run>[1] = {},
): Promise<string> => {
  const { exitCode, output } = await run(argv, options)
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${exitCode}: ${output}`)
  return output.trim()
}

export interface Hosts {
  folder: string
  /** Runs shell text as root on a host, past ssh and Ansible; gives what it printed. */
  on: (n: number, script: string, input?: string) => Promise<string>
  /** Every file of a host with its mode and owner, but those that host and test write by themselves. */
  files: (n: number) => Promise<string[]>
  /** Sets variables of the role for the runs to come. */
  give: (variables: object) => void
  playbook: (name: string, args?: readonly string[]) => Promise<Run>
  stop: () => Promise<void>
}

/** So many hosts with sshd, and the playbooks in a folder beside an inventory of them. */
export const startHosts = async (count: number, variables: object): Promise<Hosts> => {
  await must(['scripts/real/root.sh', cache])
  await must(['scripts/real/hosts.sh', 'root', cache, join(cache, 'root')])
  // Short: ssh's control socket lies in it.
  const folder = mkdtempSync(join(process.env.ORATIO_E2E_WORK ?? '/tmp', 'ansible-'))
  const hosts = join(folder, 'hosts')
  const network = await must([
    ...['scripts/real/hosts.sh', 'start', hosts, join(cache, 'ssh-root'), String(count)],
    `${process.execPath}:/usr/bin/node`,
  ])
  const on: Hosts['on'] = (n, script, input = '') => {
    const init = readFileSync(join(hosts, String(n), 'init.pid'), 'utf8').trim()
    return must(
      [
        'nsenter',
        '-t',
        init,
        '-a',
        '--',
        '/usr/bin/env',
        '-i',
        'HOME=/root',
        'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        '/bin/sh',
        '-euc',
        script,
      ],
      { input },
    )
  }

  const deploy = join(folder, 'ansible')
  cpSync(join(project, 'deploy/ansible'), deploy, { recursive: true })
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  writeFileSync(
    join(deploy, 'inventory.ini'),
    [
      '[oratio_health]',
      ...numbers.map((n) => `host${n} ansible_host=198.18.${n}.2 ansible_user=ordinary`),
      '',
    ].join('\n'),
  )
  const given: Record<string, unknown> = { ...variables }
  const playbook: Hosts['playbook'] = (name, args = []) =>
    run(
      [
        'nsenter',
        '-t',
        network,
        '-n',
        '--',
        'ansible-playbook',
        '-i',
        'inventory.ini',
        '-e',
        '@variables.json',
        name,
        ...args,
      ],
      {
        cwd: deploy,
        env: {
          HOME: folder,
          LANG: 'C.UTF-8',
          ANSIBLE_NOCOLOR: '1',
          ANSIBLE_PIPELINING: '1',
          ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
          ANSIBLE_SSH_ARGS: `-i ${hosts}/key -o UserKnownHostsFile=${hosts}/known_hosts -o ControlMaster=auto -o ControlPersist=20s`,
          ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'cp'),
        },
      },
    )

  return {
    folder,
    on,
    files: async (n) =>
      (
        await on(
          n,
          `find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log/journal -o -path /var/tmp \
            -o -path /var/mail -o -path /home/ordinary/.ansible -o -path /var/lib/sudo \\) -prune -o -printf '%M %u %p\\n' | sort`,
        )
      ).split('\n'),
    give: (more) => {
      Object.assign(given, more)
      writeFileSync(join(deploy, 'variables.json'), JSON.stringify(given))
    },
    playbook,
    stop: async () => {
      await must(['scripts/real/hosts.sh', 'stop', hosts])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The package as npm packs it. */
export const tarballIn = async (folder: string): Promise<string> => {
  await must(['npm', 'pack', '--pack-destination', folder])
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }
  return join(folder, `oratio-health-${version}.tgz`)
}
