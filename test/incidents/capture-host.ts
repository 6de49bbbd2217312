import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { must } from '../e2e/environment.ts'
import { shortened } from './example-config.ts'
import { isGuest, type Place } from './place.ts'
import { processesOf } from './processes.ts'
import type { Replay } from './replay.ts'
import { removeUnits } from './units.ts'
import { until } from './until.ts'

const minuteMs = 60_000
const mib = 1024 ** 2
const journalCap = 8 * mib
const folder = '/var/capture/tmp'
const undeletable = ['merged_7.ts', 'merged_8.ts', 'concat_9.txt']

/** V: a host that a capture program, its own journal and its leftovers fill. */
export const captureHost: Replay = {
  letter: 'V',
  name: 'capture-host',
  async run(stage) {
    const host = await stage.open({ hostname: 'capture-pi', scheduler: 'systemd', memoryMiB: 480 })
    await breakIt(host)
    try {
      await stage.step('a journal in RAM far over the cap, a hot folder at 87 %, leftovers', async () => {
        await until(
          'the flood',
          async () => ((await journalBytes(host)) > 2 * journalCap ? true : null),
          3 * minuteMs,
        )
        assert.match(await host.shell('df --output=pcent /run/hot'), /8\d%/)
        assert.equal(await leftovers(host), 40)
      })
      await host.shell(
        'mkdir -p -m 750 /etc/oratio-health; umask 077; cat >/etc/oratio-health/config.yaml',
        config(),
      )
      stage.say(await host.shell(`oratio-health install --scheduler systemd --every ${isGuest ? 20 : 10}s`))
      await stage.step('the journal is under its cap, and stays there under the flood', async () => {
        await until('the cap', async () => ((await journalBytes(host)) <= journalCap ? true : null), minuteMs)
      })
      const pid = await mainPid(host)

      await stage.step('a letter tells of the hot folder', () =>
        letterWith(host, /disk \/run\/hot: 8\d%/, minuteMs),
      )
      await stage.step('leftovers are gone, and each that could not be deleted is named', async () => {
        await until(
          'only the undeletable',
          async () => ((await leftovers(host)) === undeletable.length ? true : null),
          3 * minuteMs,
        )
        await until(
          'each of them in the log',
          async () => {
            const log = await host.shell('cat /var/log/oratio-health/cleanup_*.log')
            const failed = log.split('\n').filter((line) => /\] (WARN|CRIT|ERROR) /.test(line))
            return undeletable.every((name) => failed.some((line) => line.includes(name))) ? true : null
          },
          30_000,
        )
      })
      await stage.step('letters tell of the memory and of the leak, before the OOM', async () => {
        await letterWith(host, /capture memory: [\d.]+ [MG]iB.*warning from 150/, 3 * minuteMs)
        await letterWith(host, /CRIT capture growth: [\d.]+ MiB\/min/, 3 * minuteMs)
        assert.equal(oomKillOf(await kernelLines(), pid), null)
      })
      const kill = await stage.step('the kernel kills capture_monitor.py for real', () =>
        until('the OOM kill', async () => oomKillOf(await kernelLines(), pid), 5 * minuteMs),
      )
      stage.say(kill)
      await stage.step('systemd has it as failed, the rest of the host lives', async () => {
        await until(
          'the unit failed',
          async () => ((await host.shell('systemctl is-active capture || true')) === 'failed' ? true : null),
          30_000,
        )
        assert.equal(
          await host.shell('systemctl is-active systemd-journald talkative oratio-health-check.timer'),
          'active\nactive\nactive',
        )
      })
      await stage.step('a crash report has the kill, and capture_monitor.py as what was killed', async () => {
        stage.say(await until('the report', () => killedSuspect(host, pid), 3 * minuteMs))
      })
      await stage.step('the journal is still under its cap', async () => {
        assert.ok((await journalBytes(host)) <= journalCap, `${await journalBytes(host)} bytes`)
      })
    } finally {
      for (const name of undeletable) await must(['chattr', '-i', host.path(`${folder}/${name}`)])
      await removeUnits(host, ['capture', 'talkative'])
      await host.shell(
        'umount /run/hot; rm -r /etc/systemd/journald.conf.d/10-sd-card.conf /var/capture; systemctl restart systemd-journald',
      )
    }
  },
}

const config = (): string =>
  shortened('capture-host', [
    [
      'host:\n',
      'host:\n  memory: { warn: off, crit: off }\n  swap: { warn: off, crit: off }\n  cpu: { warn: off, crit: off }\n  pressure: { warn: off, crit: off }\n',
    ],
    ['paths: [/, /run/hot]', 'paths: [/run/hot]'],
    ['warn: 1G, crit: 4G', 'warn: 150M, crit: 4G'],
    ['older_than: 1h', 'older_than: 20s'],
    ['RuntimeMaxUse: 100M', 'RuntimeMaxUse: 8M'],
    ['cleanup-tmp: 10m', 'cleanup-tmp: 1m'],
    ['crash-report: 1d', 'crash-report: 1m'],
  ])

const breakIt = async (host: Place): Promise<void> => {
  for (const name of ['capture_monitor.py', 'talkative.py'])
    await host.shell(
      `mkdir -p /opt/capture; cat >/opt/capture/${name}`,
      readFileSync(`test/incidents/capture-host/${name}`, 'utf8'),
    )
  const unit = (name: string, start: string, more = ''): Promise<string> =>
    host.shell(
      `cat >/etc/systemd/system/${name}.service`,
      `[Service]\nExecStart=/usr/bin/python3 -u /opt/capture/${start}\n${more}`,
    )
  // A whole host has RAM of its own, which would take too long to fill; its checks take longer than those here.
  await unit('capture', 'capture_monitor.py 80', isGuest ? 'MemoryMax=700M\n' : '')
  await unit('talkative', 'talkative.py')
  // As somebody once set it, to save the SD card: all in RAM, all of it.
  await host.shell(
    'mkdir -p /etc/systemd/journald.conf.d; cat >/etc/systemd/journald.conf.d/10-sd-card.conf',
    '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n',
  )
  await host.shell(
    'systemctl daemon-reload; systemctl restart systemd-journald; systemctl start talkative capture',
  )
  await host.shell(
    'mkdir -p /run/hot; mount -t tmpfs -o size=30m tmpfs /run/hot; head -c 26M /dev/zero >/run/hot/segment.ts',
  )
  await host.shell(
    `mkdir -p ${folder}; cd ${folder}; for i in $(seq 30); do head -c 100k /dev/urandom >merged_$i.ts; done; for i in $(seq 10); do echo file >concat_$i.txt; done`,
  )
  for (const name of undeletable) await must(['chattr', '+i', host.path(`${folder}/${name}`)])
}

const journalBytes = async (host: Place): Promise<number> =>
  Number((await host.shell('du -sb --apparent-size /run/log/journal/*/ | tail -1')).split('\t')[0])

const leftovers = async (host: Place): Promise<number> => Number(await host.shell(`ls ${folder} | wc -l`))

/** Of the capture program, as this host's kernel numbers it. */
const mainPid = async (host: Place): Promise<number> => {
  const inner = Number(await host.shell('systemctl show -p MainPID --value capture'))
  const [found] = processesOf('', 'capture_monitor.py').filter(({ innerPid }) => innerPid === inner)
  assert.ok(found, `no process ${inner} of capture_monitor.py`)
  return found.pid
}

const kernelLines = (): Promise<string> => must(['dmesg'])

const oomKillOf = (lines: string, pid: number): string | null =>
  new RegExp(`Killed process ${pid} .*`).exec(lines)?.[0] ?? null

const letterWith = (host: Place, form: RegExp, timeoutMs: number): Promise<string> =>
  until(
    `a letter with ${form}`,
    async () => form.exec(await host.shell('cat /var/mail/letters/* 2>/dev/null || true'))?.[0] ?? null,
    timeoutMs,
  )

/**
 * What a report that has the kill of this process says of capture_monitor.py as a suspect. In a container the kernel's log
 * is the host's, with the kills of others.
 */
const killedSuspect = async (host: Place, pid: number): Promise<string | null> => {
  const names = await host.shell('ls /var/log/oratio-health/investigation_*.txt 2>/dev/null || true')
  for (const name of names.split('\n').filter(Boolean)) {
    const report = await host.shell(`cat ${name}`)
    if (!report.includes(`python3 (${pid})`)) continue
    const [, suspects = ''] = /^SUSPECTS\n([\s\S]*?)\n\n/m.exec(report) ?? []
    const one = suspects
      .split(/^ {2}(?=\d+\. )/m)
      .find((part) => /killed\s+for\s+memory/.test(part) && part.includes('capture_monitor.py'))
    if (one !== undefined) return one.trim()
  }
  return null
}
