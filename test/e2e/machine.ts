import { machinePid, must } from './environment.ts'

/** Runs shell text as root inside the systemd machine; gives what it printed. */
export const inside = (script: string, input = ''): Promise<string> =>
  must(
    [
      ...['nsenter', '-t', machinePid(), '-a', '--', '/usr/bin/env', '-i'],
      ...['PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', '/bin/sh', '-euc', script],
    ],
    { input },
  )

/** `check` there, with config, state and logs in that folder. */
export const checkInside = (folder: string, args: string): string =>
  `cd ${folder}; /usr/bin/node /opt/oratio-health/bin/oratio-health.js check ${args} -c config.yaml --state-dir state --log-dir log`
