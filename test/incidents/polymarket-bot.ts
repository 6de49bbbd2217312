import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { shortened } from './example-config.ts'
import { figuresFile, figuresOf } from './figures.ts'
import type { Replay } from './replay.ts'
import { killOf, letterWith, property, removeUnits, startUnits } from './units.ts'
import { until } from './until.ts'

const minuteMs = 60_000
const bot = 'polymarket-bot'
/** As it was on that host, but for the memory: a life is six minutes instead of a day or two. */
const unit = `[Unit]
StartLimitIntervalSec=300
StartLimitBurst=5
[Service]
ExecStart=/usr/bin/python3 -u /opt/polymarket/bot.py 25
Restart=always
RestartSec=10
MemoryMax=160M
`

/** P: a bot that is killed for memory again and again, and that whoever looks sees active. */
export const polymarketBot: Replay = {
  letter: 'P',
  name: bot,
  needsGuest: true,
  async run(stage) {
    const host = await stage.open({ hostname: 'polymarket-vps', scheduler: 'systemd' })
    await host.shell(
      `mkdir -p ${figuresFile.replace(/[^/]*$/, '')} /opt/polymarket; cat >/opt/polymarket/bot.py`,
      readFileSync(`test/incidents/${bot}/bot.py`, 'utf8'),
    )
    await startUnits(host, { [bot]: unit })
    const looks: string[] = []
    const kills: number[] = []
    const looking = setInterval(() => {
      property(host, bot, 'ActiveState').then((state) => looks.push(state), String)
    }, minuteMs)
    try {
      await host.shell(
        'mkdir -p -m 750 /etc/oratio-health; umask 077; cat >/etc/oratio-health/config.yaml',
        shortened(bot, [['remind: 6h', 'remind: 2m']]),
      )
      stage.say(await host.shell('oratio-health install --scheduler systemd --every 30s'))
      await stage.step('its growth is told in its first life', async () => {
        stage.say(await letterWith(host, new RegExp(`CRIT ${bot} growth: .*`), 7 * minuteMs))
      })
      await stage.step('killed for memory, and up again', () => nextLife(1))
      await stage.step('a life too young to tell is known as one more of that leak', () =>
        until('the verdict', async () => (youngLeak() ? true : null), 2 * minuteMs),
      )
      await stage.step('killed once more', () => nextLife(2))
      await stage.step('and a third time', () => nextLife(3))
      await stage.step('a letter: its restarts mask a fault', async () => {
        const form = new RegExp(`WARN ${bot} restarts: 3 times in 24 h.*they mask a fault.*`)
        stage.say(await letterWith(host, form, 2 * minuteMs))
      })
      await stage.step('its restart settings are judged, and what they should be would stop it', async () => {
        const form = new RegExp(
          `WARN ${bot} restart settings: .*does not trigger.* StartLimitIntervalSec=(\\d+).*`,
        )
        const letter = await letterWith(host, form, 2 * minuteMs)
        stage.say(letter)
        const [first = 0, , third = 0] = kills
        const interval = Number(form.exec(letter)?.[1])
        assert.ok(interval > (5 * (third - first)) / 2 / 1000, `kills at ${kills.join(', ')}`)
      })
      await stage.step('and a letter: each of its lives grows, restarts only begin it anew', async () => {
        const form = new RegExp(`CRIT ${bot} growth: .*each of the last [34] lives grows.*`)
        stage.say(await letterWith(host, form, 4 * minuteMs))
      })
      await stage.step('whoever looked once a minute saw it active', async () => {
        const up = looks.filter((state) => state === 'active').length
        stage.say(`active at ${up} of ${looks.length} looks`)
        assert.ok(looks.length >= 15 && up >= looks.length * 0.8, looks.join(' '))
      })
    } finally {
      clearInterval(looking)
      await removeUnits(host, [bot])
    }

    /** Its main process is too young for a verdict of its own. */
    function youngLeak(): boolean {
      const figure = figuresOf(host)
      const age = figure?.('service_uptime_seconds', { service: bot }) ?? Number.NaN
      return age < 2.5 * 60 && figure?.('service_leak', { service: bot }) === 1
    }

    /** The kernel ends the present one, systemd starts the next. */
    async function nextLife(restarts: number): Promise<void> {
      const pid = await property(host, bot, 'MainPID')
      await until('the kill', () => killOf(pid), 9 * minuteMs)
      kills.push(Date.now())
      await until(
        'the next life',
        async () => ((await property(host, bot, 'ActiveState')) === 'active' ? true : null),
        minuteMs,
      )
      assert.equal(await property(host, bot, 'NRestarts'), String(restarts))
    }
  },
}
