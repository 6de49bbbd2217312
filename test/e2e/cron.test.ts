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
  })

  afterAll(async () => {
    await run(inside('crontab', '-r', '-u', 'root'))
    await run(inside('crontab', '-r', '-u', 'ordinary'))
    await run(inside('umount', '/mnt/full'))
  })

  it('logs in silence when all is well, and mails a problem once', async () => {
    const log = await until(
      "root's log",
      async () =>
        (await run(inside('/bin/sh', '-c', 'ls /var/log/oratio-health/health_*.log'))).stdout.trim() || null,
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
