import { describe, expect, it } from 'vitest'
import { type OrphansOfRule, orphansText } from '../../src/report/orphans-text.ts'

const seen = { ageSeconds: 7800, memoryBytes: 512 * 1024 ** 2, parent: 1 }
const rule = (more: Partial<OrphansOfRule>): OrphansOfRule => ({
  ...{ name: 'wallet', matched: 3, killed: [], wouldKill: [], spared: [], survivors: [] },
  ...{ blind: null, refused: false, ...more },
})
const text = (one: OrphansOfRule, columns: number) =>
  orphansText([one], { columns, color: false, verbose: false }, true)

describe('the table of kill-orphans', () => {
  const dry = rule({
    wouldKill: [
      {
        ...{ pid: 812, startedAt: null, command: 'python3 electron-cash', memoryBytes: seen.memoryBytes },
        ...{ parent: 1, reason: 'its parent is gone', seen },
      },
    ],
    spared: [
      { pid: 7, command: 'python3 daemon', reason: 'it is the tracked one', seen: { ...seen, parent: 5 } },
      {
        pid: 9,
        command: '[python3]',
        reason: 'a zombie, which its parent process 7 (python3) does not reap',
      },
    ],
  })

  it('under --dry-run: pid, age, memory, parent, command, and why, also of what is spared', () => {
    expect(text(dry, 140)).toBe(
      [
        'wallet: 3 match; would end 1, spared 2',
        'PID  FATE          AGE     MEMORY  PARENT  COMMAND                WHY',
        '812  would end  2h 10m  512.0 MiB       1  python3 electron-cash  its parent is gone',
        '  7  spared     2h 10m  512.0 MiB       5  python3 daemon         it is the tracked one',
        '  9  spared                                [python3]              a zombie, which its parent process 7 (python3) does not reap',
        '',
      ].join('\n'),
    )
  })

  it.each([80, 40])('fits %d columns, and in 80 still says why and how much', (columns) => {
    const lines = text(dry, columns).split('\n')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    if (columns === 80)
      expect(lines[2]).toMatch(/812 +would end .*512\.0 MiB .*python3 el…n-cash .*parent is gone/)
  })

  it('cuts nothing where there is no terminal', () => {
    const command = `python3 /opt/electron-cash daemon --wallet ${'x'.repeat(120)} --rpcport 7771`
    const [killed, view] = [{ pid: 812, startedAt: null, command, signal: 'SIGTERM' }, { columns: 80 }]
    const lines = orphansText([rule({ killed: [killed] })], { ...view, color: false, verbose: false }, false)
    expect(lines).toContain(`812  SIGTERM  ${command}\n`)
  })

  it('what was ended is told also where it could not be seen whether any is left', () => {
    const blind = 'whether any is left could not be seen: too quick'
    const killed = [{ pid: 4, startedAt: null, command: 'a', signal: 'SIGKILL' as const }]
    expect(text(rule({ killed, blind }), 80)).toMatch(
      /^wallet: 3 match; ended 1, spared 0; whether any .*: too quick\n/,
    )
    expect(text(rule({ blind: 'no engine' }), 80)).toMatch(/^wallet: nothing was ended: no engine\n/)
  })

  it('has no columns of which nothing is told', () => {
    const ended = rule({
      killed: [{ pid: 4, startedAt: null, command: 'tail -f /tmp/app.log', signal: 'SIGTERM' }],
    })
    expect(text(ended, 80)).toBe(
      [
        'wallet: 3 match; ended 1, spared 0',
        'PID  FATE     COMMAND',
        '  4  SIGTERM  tail -f /tmp/app.log',
        '',
      ].join('\n'),
    )
  })

  it('of what is left after the kill, and of a rule that did nothing', () => {
    const stays = rule({
      survivors: [{ pid: 4, command: 'x\u001b[2J', reason: 'still there after SIGKILL' }],
    })
    expect(text(stays, 100)).toMatch(/STILL THERE 1\n.*\n *4 +STAYS .*x\\x1b\[2J +still there/)
    expect(text(rule({ blind: 'no container wallet runs here' }), 100)).toBe(
      'wallet: nothing was ended: no container wallet runs here\n',
    )
  })
})
