import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import { writeLastCheck } from '../../src/store/last-check.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { until } from '../support/process-family.ts'
import { serviceFacts } from '../support/service-facts.ts'
import { tempFolder } from '../support/temp-folder.ts'

// The whole program on a real terminal, which python's standard library can make.
const top = tempFolder('status-watch')
const program = bundle('../src/cli.ts', top)
const save = makeSave(liveBase, Date.now)
const hasPython = spawnSync('python3', ['-c', 'import pty, termios']).status === 0

const record = (name: string): void => {
  const facts = serviceFacts({ name })
  const web = { facts, status: 'ok' as const, findings: [], failedChecks: 0, action: null }
  const nowMs = Date.now()
  const result = {
    ...{ hostname: 'box', startedAtMs: nowMs, finishedAtMs: nowMs, status: 'ok' as const, services: [web] },
    ...{ findings: [], ownFindings: [], biggestProcesses: [], biggestNames: [] },
  }
  writeLastCheck(save, top, result, null)
}

const enter = '\u001b[?1049h'
const leave = '\u001b[?25h\u001b[?1049l'

const argv = (...args: string[]): string[] => [
  ...[process.execPath, program, 'status', '--state-dir', top, '--log-dir', top],
  ...args,
]

const onTerminal = (columns: number, rows: number, args: string[], env: Record<string, string> = {}) => {
  const pty = [
    join(import.meta.dirname, '../support/on-terminal.py'),
    String(columns),
    String(rows),
    ...argv(...args),
  ]
  const child = spawn('python3', pty, { env: { ...process.env, TERM: 'xterm', LANG: 'C.UTF-8', ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  let end = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    end += part
  })
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(end.trim())))
  return {
    all: () => said,
    /** The lines of the newest picture that is whole. */
    screen: (): string[] => {
      const whole = said.slice(0, said.lastIndexOf('\u001b[?2026l'))
      return whole
        .slice(whole.lastIndexOf('\u001b[?2026h'))
        .replace(/\u001b\[[?\d;]*[A-Za-z]/g, '')
        .split('\r\n')
    },
    tell: (line: string) => void child.stdin.write(`${line}\n`),
    ended,
  }
}

describe.skipIf(!hasPython)('status --watch', () => {
  it('redraws what is new, fits a new size, and gives the terminal back at Ctrl-C', async () => {
    record('first')
    const terminal = onTerminal(90, 20, ['--watch', '--interval', '200ms'])
    await until(() => terminal.screen().join('\n').includes('first'))
    expect(terminal.all().startsWith(enter)).toBe(true)
    record('second')
    await until(() => terminal.screen().join('\n').includes('second'))
    expect(terminal.screen().join('\n')).not.toContain('first')
    terminal.tell('resize 42 9')
    await until(() => terminal.screen().some((line) => line.endsWith('running  ok')))
    expect(terminal.screen().length).toBeLessThanOrEqual(9)
    for (const line of terminal.screen()) expect(line.length).toBeLessThanOrEqual(42)
    terminal.tell('type \\x03')
    expect(await terminal.ended).toBe('exit 130')
    expect(terminal.all().endsWith(leave)).toBe(true)
    expect(terminal.all().split(enter)).toHaveLength(2)
    // Nothing is wiped between two pictures: that would flicker.
    expect(terminal.all().split('\u001b[2J')).toHaveLength(2)
  })

  it('gives it back at SIGTERM; an error before the first picture leaves it alone, one later gives it back', async () => {
    record('first')
    const terminal = onTerminal(80, 24, ['--watch'])
    await until(() => terminal.screen().join('\n').includes('first'))
    terminal.tell('signal 15')
    expect(await terminal.ended).toBe('exit 143')
    expect(terminal.all().endsWith(leave)).toBe(true)
    const failing = onTerminal(80, 24, ['nosuch', '--watch'])
    expect(await failing.ended).toBe('exit 64')
    expect(failing.all()).not.toContain(enter)
    const later = onTerminal(80, 24, ['first', '--watch', '--interval', '200ms'])
    await until(() => later.screen().join('\n').includes('first'))
    record('another')
    expect(await later.ended).toBe('exit 64')
    expect(later.all().split(leave)[1]).toContain('there is no service first')
    expect(failing.all()).toContain('there is no service nosuch')
  })

  it('has no colour with --no-color, and ASCII alone in a C locale', async () => {
    record('first')
    const terminal = onTerminal(80, 24, ['--watch', '--no-color'], { LC_ALL: 'C' })
    await until(() => terminal.screen().join('\n').includes('first'))
    terminal.tell('type \\x03')
    await terminal.ended
    expect(terminal.all()).not.toMatch(/\u001b\[\d+m/)
    expect(terminal.screen().join('\n')).toMatch(/^[\n\x20-\x7e]*$/)
  })

  it('refuses a pipe in a line', () => {
    const piped = spawnSync(process.execPath, argv('--watch').slice(1), { encoding: 'utf8' })
    expect(piped.status).toBe(64)
    expect(piped.stdout).toBe('')
    expect(piped.stderr).toContain('--watch redraws a terminal, and this output is none')
  })
})
