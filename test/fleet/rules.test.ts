import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { must, projectFile, run, temporaryFolder, until } from '../e2e/environment.ts'
import { deployed, shortened, startAlertmanager, stopPrograms } from './stack.ts'

describe('what is deployed, by the tools of those who read it', () => {
  it('promtool takes the rules, and their tests pass', async () => {
    expect(await must(['promtool', 'check', 'rules', deployed('prometheus/rules.yml')])).toContain('SUCCESS')
    expect(await must(['promtool', 'test', 'rules', deployed('prometheus/rules.test.yml')])).toContain(
      'SUCCESS',
    )
  })

  it('and would not pass with a rule that is wrong', async () => {
    const folder = temporaryFolder()
    const rules = projectFile('deploy/prometheus/rules.yml').replace('service_leak == 1', 'service_leak == 0')
    writeFileSync(join(folder, 'rules.yml'), rules)
    writeFileSync(join(folder, 'rules.test.yml'), projectFile('deploy/prometheus/rules.test.yml'))
    const { exitCode, stderr } = await run(['promtool', 'test', 'rules', join(folder, 'rules.test.yml')])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('OratioHealthServiceLeaks')
  })

  it('promtool takes a config of Prometheus with them, as docs/fleet.md has it', async () => {
    const config = /```yaml\n(# prometheus\.yml\n[\s\S]*?)```/.exec(projectFile('docs/fleet.md'))?.[1] ?? ''
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, 'prometheus.yml'),
      config.replace('/etc/prometheus/oratio-health.rules.yml', deployed('prometheus/rules.yml')),
    )
    expect(await must(['promtool', 'check', 'config', join(folder, 'prometheus.yml')])).toContain('SUCCESS')
  })

  it('amtool takes the example, and it sends each severity where it says', async () => {
    const example = deployed('prometheus/alertmanager.example.yml')
    expect(await must(['amtool', 'check-config', example])).toContain('SUCCESS')
    const route = (severity: string) =>
      must(['amtool', 'config', 'routes', 'test', `--config.file=${example}`, `severity=${severity}`])
    expect(await route('critical')).toBe('operators')
    expect(await route('warning')).toBe('operators')
  })

  it('a real Alertmanager is silent on what follows from the rest, and only there', async () => {
    const folder = temporaryFolder()
    const url = await startAlertmanager(folder, 'http://127.0.0.1:1/hook')
    try {
      const alert = (alertname: string, instance: string, service = 'web') => ({
        labels: { alertname: `OratioHealth${alertname}`, instance, service, severity: 'critical' },
      })
      const alerts = [
        ...[alert('HostGone', 'gone'), alert('ServiceLeaks', 'gone'), alert('GaveUp', 'gone')],
        ...[alert('Stopped', 'stopped'), alert('JobFailed', 'stopped'), alert('ClockIsOff', 'stopped')],
        ...[
          alert('LimitWithinTwoHours', 'near'),
          alert('LimitWithinADay', 'near'),
          alert('ServiceLeaks', 'near'),
        ],
        ...[alert('ServiceLeaks', 'near', 'other'), alert('ServiceLeaks', 'well')],
      ]
      const headers = { 'content-type': 'application/json' }
      await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(alerts) })
      type Known = { labels: Record<string, string>; status: { state: string } }[]
      const told = async (): Promise<string[] | null> => {
        const known = (await (await fetch(`${url}/api/v2/alerts`)).json()) as Known
        if (known.length < alerts.length || known.some(({ status }) => status.state === 'unprocessed'))
          return null
        return known
          .filter(({ status }) => status.state === 'active')
          .map(({ labels }) => `${labels.alertname?.slice(12)} ${labels.instance} ${labels.service}`)
          .sort()
      }
      expect(await until('Alertmanager has judged all', told)).toEqual([
        'ClockIsOff stopped web',
        'HostGone gone web',
        'LimitWithinTwoHours near web',
        'ServiceLeaks near other',
        'ServiceLeaks well web',
        'Stopped stopped web',
      ])
    } finally {
      await stopPrograms(folder)
    }
  })

  it('the shortened rules of the tests differ in nothing but how long a state has to last', () => {
    const rules = projectFile('deploy/prometheus/rules.yml')
    const lines = shortened(rules).split('\n')
    const changed = rules.split('\n').filter((line, i) => line !== lines[i])
    expect(changed.length).toBeGreaterThan(5)
    for (const line of changed) expect(line).toMatch(/^ {8}for: \d+m$/)
  })
})
