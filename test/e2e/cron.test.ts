import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machinePid, must, projectFile, quietHost, run, until } from './environment.ts'

const inside = (...argv: string[]): string[] => [
  ...['nsenter', '-t', machinePid(), '-a', '--', '/usr/bin/env', '-i'],
  ...['PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...argv],
]

const shell = (script: string, input = ''): Promise<string> =>
  must(inside('HOME=/root', '/bin/sh', '-euc', script), { input })

const crontab = projectFile('crontab.example')
const noDisks = `${quietHost}  disks: { warn: off, crit: off }\n`
const fullDisk = `${quietHost}  disks: { warn: 80%, crit: 95%, paths: [/mnt/full] }\n`

/** The lines that are commented out, each minute and below /etc/cron.d; nothing but the time and the user is changed. */
const lines = crontab
  .split('\n')
  .filter((line) => /^#[\d*]/.test(line))
  .map((line) => line.replace(/^#(?:\S+ ){5}/, ''))
const isLimits = (line: string): boolean => line.includes('oratio-health limits')
const assignments = crontab.split('\n').filter((line) => /^[A-Z]+=/.test(line))

/** cron's shell; the status of each command goes to a file. Of two runs of check the second finds the lock held. */
const statusShell = `#!/bin/sh
/bin/sh "$@"
status=$?
echo "$status $2" >>/mnt/statuses
exit $status
`
const ruled = `${noDisks}cleanup:
  - { path: /tmp/leftovers, match: ["merged_*.ts"], older_than: 1s, age_by: mtime }
orphans:
  - { name: none, match: "^no such program", older_than: 1m }
`

// One line of crontab.example is for every minute: it is installed as it is. Root's host is well, the other user's
// config sees a full tmpfs. Both run in the same minute of one real cron, so that the test rarely takes two.
describe('crontab.example under a real cron', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    await shell('mkdir -p /etc/oratio-health; cat >/etc/oratio-health/config.yaml', noDisks)
    await shell(
      'mkdir -p /mnt/full; mount -t tmpfs -o size=1m tmpfs /mnt/full; dd if=/dev/zero of=/mnt/full/x bs=64k count=16 2>/dev/null',
    )
    await shell('cat >/home/ordinary/full.yaml; chown ordinary /home/ordinary/full.yaml', fullDisk)
    await shell('systemctl start cron; rm -rf /var/mail/letters; mkdir -m 1777 -p /var/mail/letters')
    await must(inside('crontab', '-u', 'ordinary', '-'), {
      input: `ORATIO_CONFIG=/home/ordinary/full.yaml\n${crontab}`,
    })
    await must(inside('crontab', '-u', 'root', '-'), { input: crontab })
    await shell('cat >/mnt/status-shell; chmod 755 /mnt/status-shell', statusShell)
    await shell('cat >/mnt/ruled.yaml; chmod 600 /mnt/ruled.yaml', ruled)
    await shell('mkdir -p -m 750 /var/log/oratio-health /tmp/leftovers')
    // A record for the page, in a state folder of its own; before there are leftovers, which are a warning to it.
    await shell(
      'ORATIO_CONFIG=/mnt/ruled.yaml ORATIO_STATE_DIR=/mnt/state ORATIO_LOG_DIR=/mnt/log oratio-health check',
    )
    await shell(
      'touch -d "1 day ago" /tmp/leftovers/merged_1.ts; touch -d "1 day ago" /tmp/leftovers/kept.ts',
    )
    await shell(
      'cat >/etc/cron.d/example-lines',
      [
        ...assignments,
        'SHELL=/mnt/status-shell',
        'ORATIO_CONFIG=/mnt/ruled.yaml',
        'ORATIO_STATE_DIR=/mnt/state',
        'ORATIO_LOG_DIR=/mnt/log',
        ...lines.filter((line) => !isLimits(line)).map((line) => `* * * * * root ${line}`),
        // It has something to say, since this config wants no limit; the letters are counted below.
        'MAILTO=""',
        ...lines.filter(isLimits).map((line) => `* * * * * root ${line}`),
        '',
      ].join('\n'),
    )
  })

  afterAll(async () => {
    await run(inside('crontab', '-r', '-u', 'root'))
    await run(inside('crontab', '-r', '-u', 'ordinary'))
    await run(inside('umount', '/mnt/full'))
    await run(inside('/bin/sh', '-c', 'rm -rf /etc/cron.d/example-lines /mnt/* /tmp/leftovers'))
  })

  it('every other line runs to a status of its own, in the environment that cron gives it', async () => {
    expect(lines).toHaveLength(6)
    const ended = await until(
      'the statuses of all lines',
      async () => {
        const text = await shell('cat /mnt/statuses 2>/dev/null || true')
        return lines.every((line) => text.includes(` ${line}`)) ? text.split('\n') : null
      },
      120_000,
    )
    await shell('rm /etc/cron.d/example-lines')
    const statusOf = (verb: string) =>
      Number(ended.find((line) => line.includes(`oratio-health ${verb}`))?.split(' ')[0])
    expect(statusOf('check')).toBe(0)
    expect(statusOf('cleanup-tmp')).toBe(0)
    expect(statusOf('kill-orphans')).toBe(0)
    expect(statusOf('report')).toBe(0)
    // The config wants no limit, so there is nothing that it could apply.
    expect(statusOf('limits')).toBe(64)
    // What crashed is told by the status, and is that of the host under test, whose kernel's log may be closed to it.
    expect([0, 1, 2, 3]).toContain(statusOf('crash-report'))
    expect(await shell('ls /tmp/leftovers')).toBe('kept.ts')
    expect(await shell('ls /mnt/log')).toMatch(/investigation_\d{8}_\d{6}\.txt/)
    expect(await shell('head -c 15 /var/log/oratio-health/week.html')).toBe('<!doctype html>')
  })

  it('logs in silence when all is well, and mails a problem once', async () => {
    const log = await until(
      "root's log",
      async () =>
        (
          await run(inside('/bin/sh', '-c', 'ls /var/log/oratio-health/health_*.log | head -n 1'))
        ).stdout.trim() || null,
      75_000,
    )
    expect(await shell(`stat -c '%a %U' /var/log/oratio-health ${log}`)).toBe('750 root\n640 root')
    expect(await shell(`cat ${log}`)).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] INFO /m)

    const letter = await until(
      'a letter on the problem',
      async () => (await shell('cat /var/mail/letters/* 2>/dev/null || true')) || null,
      // A whole minute more when the next one began between the two crontabs.
      75_000,
    )
    // One process of cron is left when all jobs have ended and have sent what they had to.
    await until(
      'the end of the jobs',
      async () => ((await shell('pgrep -c -x cron')) === '1' ? true : null),
      60_000,
    )
    expect(await shell('ls /var/mail/letters | wc -l')).toBe('1')
    expect(letter).toMatch(/^Subject: Cron <ordinary@/m)
    expect(letter).toMatch(/^To: root$/m)
    expect(letter).toContain('/mnt/full')

    const again = await run(
      inside(
        ...['HOME=/home/ordinary', 'ORATIO_CONFIG=/home/ordinary/full.yaml'],
        ...['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', 'oratio-health', 'check'],
      ),
    )
    expect(again).toEqual({ exitCode: 2, stdout: '', stderr: '' })
  })
})
