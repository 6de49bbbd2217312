import { machinePid, must } from './environment.ts'

/** A program with its arguments, to be run as root inside the systemd machine. */
export const inMachine = (argv: readonly string[]): string[] => [
  ...['nsenter', '-t', machinePid(), '-a', '--', '/usr/bin/env', '-i', 'HOME=/root'],
  'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ...argv,
]

/** The program in there, as `oratio-health …`. */
export const programInMachine = (...args: string[]): string[] =>
  inMachine(['/usr/bin/node', '/opt/oratio-health/bin/oratio-health.js', ...args])

/** Runs shell text as root inside the systemd machine; gives what it printed. */
export const inside = (script: string, input = ''): Promise<string> =>
  must(inMachine(['/bin/sh', '-euc', script]), { input })

/** `check` there, with config, state and logs in that folder. */
export const checkInside = (folder: string, args: string): string =>
  `cd ${folder}; /usr/bin/node /opt/oratio-health/bin/oratio-health.js check ${args} -c config.yaml --state-dir state --log-dir log`
