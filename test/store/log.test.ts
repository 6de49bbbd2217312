import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import { appendLog, logText } from '../../src/store/log.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('log')
const nowMs = new Date(2026, 0, 31, 3, 4, 5).getTime()
const save = makeSave(liveBase, () => nowMs)

describe('appendLog', () => {
  it('makes the folder and the dated file, and adds one line each', () => {
    const logDir = join(top, 'new/logs')
    expect(appendLog(save, logDir, 'health', nowMs, [{ level: 'INFO', text: 'one' }])).toEqual({
      kind: 'value',
      value: true,
    })
    appendLog(save, logDir, 'health', nowMs, [
      { level: 'WARN', text: 'two' },
      { level: 'CRIT', text: 'three' },
    ])
    appendLog(save, logDir, 'cleanup', nowMs, [{ level: 'ERROR', text: 'four' }])
    expect(readdirSync(logDir).sort()).toEqual(['cleanup_20260131.log', 'health_20260131.log'])
    expect(readFileSync(join(logDir, 'health_20260131.log'), 'utf8')).toBe(
      '[2026-01-31 03:04:05] INFO one\n[2026-01-31 03:04:05] WARN two\n[2026-01-31 03:04:05] CRIT three\n',
    )
    expect(statSync(logDir).mode & 0o777).toBe(0o750)
  })

  it('without lines nothing is made', () => {
    const logDir = join(top, 'none')
    expect(appendLog(save, logDir, 'health', nowMs, []).kind).toBe('value')
    expect(readdirSync(top)).not.toContain('none')
  })

  it('says why it could not, for the console (O6)', () => {
    writeFileSync(join(top, 'file'), '')
    const lines = [{ level: 'INFO', text: 'x' }] as const
    expect(appendLog(save, join(top, 'file'), 'health', nowMs, lines)).toMatchObject({ kind: 'failed' })
    mkdirSync(join(top, 'logs/health_20260131.log'), { recursive: true })
    expect(appendLog(save, join(top, 'logs'), 'health', nowMs, lines)).toMatchObject({
      kind: 'failed',
      what: join(top, 'logs/health_20260131.log'),
    })
  })
})

describe('logText', () => {
  it("a stranger's text cannot make a line of its own or paint the terminal", () => {
    const text = 'foo\n[2026-01-31 03:04:05] CRIT all is lost\r\u001b[2J\u202e'
    expect(logText(nowMs, [{ level: 'INFO', text }])).toBe(
      '[2026-01-31 03:04:05] INFO foo\\n[2026-01-31 03:04:05] CRIT all is lost\\r\\x1b[2J\\u202e\n',
    )
  })

  it('a line has an end, whatever is in it', () => {
    const line = logText(nowMs, [{ level: 'INFO', text: 'x'.repeat(1_000_000) }])
    expect(line.length).toBeLessThan(4100)
    expect(line.endsWith('…\n')).toBe(true)
  })
})
