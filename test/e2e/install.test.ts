import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Run, run, until } from './environment.ts'
import { inMachine, inside } from './machine.ts'

const program = (...args: string[]): Promise<Run> => run(inMachine(['/usr/local/bin/oratio-health', ...args]))

const asOrdinary = (script: string): Promise<Run> =>
  run(
    inMachine([
      ...['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', '--'],
      ...['env', '-i', 'HOME=/home/ordinary', 'PATH=/usr/local/bin:/usr/bin:/bin', '/bin/sh', '-c', script],
    ]),
  )

/** Every file of the machine but those of kernel and boot, and what journald and this test write by themselves. */
const fileList = async (): Promise<string[]> =>
  (
    await inside(
      'find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /var/log/journal -o -path /var/tmp -o -path /var/mail \\) -prune -o -print | sort',
    )
  ).split('\n')

const config = '/etc/oratio-health/config.yaml'
const quiet = `host:
  memory: { warn: off, crit: off }
  swap: { warn: off, crit: off }
  cpu: { warn: off, crit: off }
  pressure: { warn: off, crit: off }
`
const full = `${quiet}  disks: { warn: 80%, crit: 95% }
cleanup:
  - { path: /tmp/leftovers, match: ["merged_*.ts"], older_than: 1s, age_by: mtime }
orphans:
  - { name: sleepers, match: "^sleep 98765", keep: 0, older_than: 1s }
journal: { SystemMaxUse: 77M }
# Somebody who is told, as timers mail nobody.
metrics: { textfile: /var/lib/oratio-health/figures.prom }
`

const wasThere = { list: [] as string[] }

beforeAll(async () => {
  await inside('systemctl start cron')
  await program('uninstall', '--purge')
  await inside(
    'rm -rf /etc/oratio-health /var/lib/oratio-health /var/log/oratio-health /var/cache/oratio-health',
  )
  wasThere.list = await fileList()
})

afterAll(async () => {
  await program('uninstall', '--purge')
  await run(inMachine(['rm', '-rf', '/etc/oratio-health']))
})

describe('install by a real cron', { timeout: 240_000 }, () => {
  it('the line in /etc/cron.d is run, and uninstall leaves the host as it was', async () => {
    const dry = await program('install', '--dry-run', '--json')
    expect(JSON.parse(dry.stdout).diff).toContain('+++ /etc/cron.d/oratio-health')
    expect(await fileList()).toEqual(wasThere.list)

    expect(await program('install', '--scheduler', 'cron')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(
      await inside('stat -c "%a %U" /etc/cron.d/oratio-health /var/lib/oratio-health /var/log/oratio-health'),
    ).toBe('644 root\n750 root\n750 root')
    const again = await program('install')
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^nothing to do\n/) })

    const log = await until(
      'the log of a check that cron has started',
      async () => {
        const text = await run(inMachine(['/bin/sh', '-c', 'cat /var/log/oratio-health/health_*.log']))
        // The second check: install has begun the file.
        return /INFO (?!make|write)/.test(text.stdout.replace(/.* INFO (?:write|make|have|switch) .*\n/g, ''))
          ? text.stdout
          : null
      },
      90_000,
    )
    expect(log).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] INFO /m)
    expect((await program('doctor')).stdout).not.toMatch(/CRIT/)

    const purged = await program('uninstall', '--purge')
    expect(purged).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await fileList()).toEqual(wasThere.list)
    expect(await program('uninstall')).toMatchObject({ exitCode: 0, stdout: 'nothing to do\n' })
  })

  it('a user’s crontab keeps its own lines to the byte; cron.allow forbids with 77', async () => {
    const own = '# mine\r\nMAILTO=""\n17 3 * * * echo 100\\% >/dev/null\n'
    await inside('cat >/tmp/own; crontab -u ordinary /tmp/own; rm /tmp/own', own)
    // Below the three lines of cron's own; `crontab -l` would show a CR as two characters.
    const spooled = async (): Promise<string> =>
      (await run(inMachine(['tail', '-n', '+4', '/var/spool/cron/crontabs/ordinary']))).stdout
    const script = 'oratio-health install; echo "status $?"'
    const first = await asOrdinary(script)
    expect(first.stdout).toContain('started by cron (crontab -l)')
    expect(first.stdout).toContain('status 0')
    expect((await spooled()).startsWith(own)).toBe(true)
    expect(await spooled()).toContain('oratio-health check')
    expect((await asOrdinary(script)).stdout).toMatch(/^nothing to do\n/)
    expect((await asOrdinary('oratio-health uninstall --purge')).exitCode).toBe(0)
    expect(await spooled()).toBe(own)

    await inside('echo root >/etc/cron.allow')
    const forbidden = await asOrdinary(script)
    await inside('rm /etc/cron.allow; crontab -u ordinary -r')
    expect(forbidden.stdout).toContain('status 77')
    expect(forbidden.stderr).toContain('/etc/cron.allow')
    expect(await inside('find /home/ordinary -name "*oratio*" -o -path "*/.local*"')).toBe('')
  })
})

describe('install by a real systemd', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    await inside(`mkdir -p -m 750 /etc/oratio-health; cat >${config}`, full)
  })

  it('writes units that systemd finds nothing wrong with, and the timers fire', async () => {
    const { exitCode, stdout } = await program('install', '--scheduler', 'systemd', '--every', '10s')
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('check every 10 seconds'),
    })
    const verified = await run(
      inMachine(['/bin/sh', '-c', 'systemd-analyze verify /etc/systemd/system/oratio-health-*']),
    )
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await inside('cat /etc/systemd/journald.conf.d/90-oratio-health.conf')).toContain(
      'SystemMaxUse=77M',
    )
    for (const n of [1, 2])
      await until(
        `start ${n} of check by its timer`,
        async () =>
          Number(
            await inside('journalctl -q -o cat -u oratio-health-check.service | grep -c Finished || true'),
          ) >= n
            ? true
            : null,
        60_000,
      )
    expect(await inside('systemctl show -p Result --value oratio-health-check.service')).toBe('success')
    expect(await inside('systemctl list-units --failed --plain --no-legend "oratio-health-*"')).toBe('')
    expect((await program('install')).stdout).toMatch(/^nothing to do\n/)
    expect((await program('doctor')).stdout).not.toMatch(/CRIT|WARN schedule/)
  })

  it('the services can do their work behind their fences', async () => {
    // check sees every disk, and its verdict is no failure of the unit.
    await inside(
      'mkdir -p /mnt/full; mount -t tmpfs -o size=1m tmpfs /mnt/full; dd if=/dev/zero of=/mnt/full/x bs=64k count=16 2>/dev/null || true',
    )
    const seen = async (): Promise<string> =>
      inside('grep -c "CRIT.*/mnt/full" /var/log/oratio-health/health_*.log || true')
    await until('the full disk in the log', async () => ((await seen()) !== '0' ? true : null), 60_000)
    expect(await inside('systemctl show -p Result --value oratio-health-check.service')).toBe('success')
    await inside('umount /mnt/full; rmdir /mnt/full')

    // cleanup-tmp removes, kill-orphans signals, journal-limits writes /etc and restarts journald.
    await inside(
      'mkdir -p /tmp/leftovers; touch -d "1 day ago" /tmp/leftovers/merged_1.ts; setsid sleep 98765 >/dev/null 2>&1 & sleep 3',
    )
    await inside('systemctl start oratio-health-cleanup-tmp.service oratio-health-kill-orphans.service')
    expect(await inside('ls /tmp/leftovers; pgrep -cfx "sleep 98765" || true')).toBe('0')
    await inside(`sed -i s/77M/66M/ ${config}; systemctl start oratio-health-journal-limits.service`)
    expect(await inside('cat /etc/systemd/journald.conf.d/90-oratio-health.conf')).toContain(
      'SystemMaxUse=66M',
    )
    // As after a boot where /var/log is in memory.
    await inside('rm -r /var/log/oratio-health; systemctl start oratio-health-crash-report.service')
    expect(await inside('stat -c %a /var/log/oratio-health')).toBe('750')
    expect(await inside('ls /var/log/oratio-health')).toMatch(/investigation_\d{8}_\d{6}\.txt/)
    for (const name of ['cleanup-tmp', 'kill-orphans', 'journal-limits', 'crash-report'])
      expect(await inside(`systemctl show -p Result --value oratio-health-${name}.service`)).toBe('success')
  })

  it('uninstall leaves the host as it was', async () => {
    // What somebody has worked on stays, and is named.
    const { exitCode, stdout } = await program('uninstall', '--purge')
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`${config} stays`)
    await inside('rm -r /etc/oratio-health /tmp/leftovers')
    expect(await fileList()).toEqual(wasThere.list)
    expect(await inside('systemctl list-units --all --plain --no-legend "oratio-health-*"')).toBe('')
  })

  it('killed at any moment, the next install or uninstall brings it to its end', async () => {
    await inside(`mkdir -p -m 750 /etc/oratio-health; cat >${config}`, full)
    const killed = (verb: string, afterMs: number): Promise<string> =>
      inside(
        `setsid oratio-health ${verb} >/dev/null 2>&1 & p=$!; sleep ${(afterMs / 1000).toFixed(2)}; kill -9 -$p 2>/dev/null || true; wait $p 2>/dev/null || true`,
      )
    for (let afterMs = 100; afterMs <= 1450; afterMs += 150) {
      await killed('install --scheduler systemd', afterMs)
      if (afterMs % 300 === 100) {
        expect((await program('install', '--scheduler', 'systemd')).exitCode).toBe(0)
        expect((await program('install')).stdout).toMatch(/^nothing to do\n/)
        expect(await inside('systemctl is-active oratio-health-check.timer')).toBe('active')
      }
      await killed('uninstall --purge', afterMs)
      const ended = await program('uninstall', '--purge')
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
      const left = (await fileList()).filter((path) => !wasThere.list.includes(path))
      expect(left.filter((path) => !path.startsWith('/etc/oratio-health'))).toEqual([])
    }
    await inside('rm -r /etc/oratio-health')
  })

  it('a read-only /etc: 2, and the next install goes on', async () => {
    await inside('mount --bind /etc /etc; mount -o remount,ro,bind /etc')
    const { exitCode, stderr } = await program('install')
    await inside('umount /etc')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('EROFS')
    expect((await program('install')).exitCode).toBe(0)
    expect((await program('uninstall', '--purge')).exitCode).toBe(0)
    expect(await fileList()).toEqual(wasThere.list)
  })

  it('the program is gone: doctor says so', async () => {
    await inside('mkdir -p /opt/gone; ln -sf /opt/oratio-health/bin/oratio-health.js /opt/gone/oratio-health')
    const gone = await run(inMachine(['/opt/gone/oratio-health', 'install', '--scheduler', 'systemd']))
    // Timers, and the first config names nobody who would be told.
    expect(gone).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('nobody') })
    await inside('rm -r /opt/gone')
    const { exitCode, stderr } = await program('doctor')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('/opt/gone/oratio-health is not there')
    // Installed anew it is well.
    expect((await program('install')).exitCode).toBe(0)
    expect((await program('doctor')).stderr).not.toContain('is not there')
    expect((await program('uninstall', '--purge')).exitCode).toBe(0)
    expect(await fileList()).toEqual(wasThere.list)
  })
})
