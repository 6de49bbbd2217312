import { expect, it } from 'vitest'
import { value } from '../../src/core/reading.ts'
import type { Host } from '../../src/host/host.ts'
import { switchTimersChange } from '../../src/host/switch-timers-change.ts'

// systemctl is played; the real one is in test/e2e/install.test.ts.
const switched = async (to: 'on' | 'off' | 'ended', statuses: Record<string, number> = {}) => {
  const asked: string[] = []
  const run: Host['run'] = async ([, ...argv]) => {
    const words = argv.filter((word) => !word.startsWith('--'))
    asked.push(words.join(' '))
    const exitCode = statuses[words[0] ?? ''] ?? 0
    return value({ exitCode, signal: null, stdout: '', stderr: '', truncated: false })
  }
  const timers = ['oratio-health-check.timer', 'oratio-health-report.timer']
  const change = switchTimersChange({ kind: 'switch-timers', to, timers, scope: 'system', reason: '' }, run)
  return { asked, result: await change.perform() }
}

it('off leaves alone what the timers have started; that is ended by a step of its own', async () => {
  const timers = 'oratio-health-check.timer oratio-health-report.timer'
  expect(await switched('off')).toEqual({
    asked: ['daemon-reload', `disable ${timers}`],
    result: { outcome: 'done', detail: '' },
  })
  expect((await switched('ended')).asked).toEqual([
    'stop oratio-health-check.service oratio-health-report.service',
  ])
  expect((await switched('on')).asked).toEqual(['daemon-reload', `enable ${timers}`])
})

it('a step that fails is told, and those after it are not done', async () => {
  const { asked, result } = await switched('off', { disable: 1 })
  expect(asked).toHaveLength(2)
  expect(result).toEqual({ outcome: 'failed', detail: 'systemctl disable ended with status 1' })
})
