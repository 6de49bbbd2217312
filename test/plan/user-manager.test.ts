import { describe, expect, it } from 'vitest'
import type { ProcessStat } from '../../src/core/facts.ts'
import { trackedByUserManager } from '../../src/plan/user-manager.ts'

const child = (pid: number, unit: string | null, more: Partial<ProcessStat> = {}) => ({
  stat: { pid, ppid: 900, session: pid, startTicks: pid, ...more } as ProcessStat,
  unit,
})
const gone = 50
const tracked = (...children: ReturnType<typeof child>[]) =>
  trackedByUserManager(children, (session) => session !== gone)

describe('children of a user’s systemd', () => {
  it('in a service are its own, all of them', () => {
    expect(
      tracked(child(10, 'gpg-agent.service'), child(11, 'gpg-agent.service', { session: gone })),
    ).toEqual([10, 11])
  })

  it('in its own cgroup, or in none that is known, count as its own', () => {
    expect(tracked(child(10, 'init.scope'), child(11, 'user@1000.service'), child(12, null))).toEqual([
      10, 11, 12,
    ])
  })

  it('in the scope of a terminal’s pane were left behind by the shell', () => {
    expect(
      tracked(
        child(10, 'vte-spawn-8d.scope'),
        child(11, 'tmux-spawn-8d.scope'),
        child(12, 'ptyxis-spawn-1.scope'),
      ),
    ).toEqual([])
  })

  it('in a scope or an application: the oldest is the application, what came later was left behind', () => {
    expect(
      tracked(
        child(22, 'app-gnome-code-20.scope'),
        child(20, 'app-gnome-code-20.scope'),
        child(31, 'app-org.kde.konsole@1.service'),
        child(30, 'app-org.kde.konsole@1.service'),
      ),
    ).toEqual([20, 30])
  })

  it('the oldest too when the session it belongs to has lost its leader', () => {
    expect(
      tracked(child(20, 'app-x-1.scope', { session: gone }), child(21, 'session-3.scope', { session: gone })),
    ).toEqual([])
  })

  it('of two users, and of one start tick, each has its first', () => {
    expect(
      tracked(
        child(20, 'app-x.scope', { startTicks: 5 }),
        child(21, 'app-x.scope', { startTicks: 5 }),
        child(22, 'app-x.scope', { ppid: 901 }),
      ),
    ).toEqual([20, 22])
  })
})
