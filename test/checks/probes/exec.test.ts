import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { messageOf } from '../../../src/report/sentence.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { askOne, execProbe } from './real-host.ts'

const folder = tempFolder('exec-probe')

describe('exec', () => {
  it('is fine with 0', async () => {
    const { finding } = await askOne(execProbe(['/bin/sh', '-c', 'exit 0']))
    expect(finding).toMatchObject({ code: 'ok', status: 'ok', item: 'exec sh' })
  })

  it('fails with the status and the last line', async () => {
    const { finding } = await askOne(execProbe(['sh', '-c', 'echo out; echo one >&2; echo two >&2; exit 7']))
    expect(finding).toMatchObject({ code: 'failed', status: 'critical', args: { exitCode: 7, said: 'two' } })
    expect(messageOf(finding, 'service')).toBe(
      'probe exec sh failed: sh ended with 7: two — run it by hand to see more',
    )
  })

  it('fails with the last line of stdout when stderr is silent, escaped and without credentials', async () => {
    const { finding } = await askOne(
      execProbe(['sh', '-c', "printf 'x\\n\\033[1m http://u:p@h/ \\n'; exit 1"]),
    )
    expect(finding.args?.said).toBe('\\x1b[1m http://***@h/')
  })

  it('fails by a signal', async () => {
    const { finding } = await askOne(execProbe(['sh', '-c', 'kill -9 $$']))
    expect(finding).toMatchObject({ code: 'failed', args: { signal: 'SIGKILL' } })
    expect(messageOf(finding, 'service')).toContain('sh was ended by SIGKILL')
  })

  it('fails when it does not end in time', async () => {
    const { finding } = await askOne(execProbe(['sleep', '60'], { timeout: 0.2 }))
    expect(finding).toMatchObject({ code: 'failed', args: { reason: 'unanswered', cause: 'timeout' } })
  })

  it.each<[string, string[]]>([
    ['is not installed', ['no-such-program-here']],
    ['may not be run', [join(folder, 'plain')]],
    ['is not there for the shell', ['sh', '-c', 'no-such-program-here']],
    ['cannot be run by the shell', ['sh', '-c', join(folder, 'plain')]],
    ['has an argument that none can have', ['true', 'a\0b']],
  ])('is unknown when the program %s', async (_, argv) => {
    writeFileSync(join(folder, 'plain'), 'x')
    chmodSync(join(folder, 'plain'), 0o644)
    const { finding } = await askOne(execProbe(argv, { retries: 3 }))
    expect(finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
  })

  it('tells neither arguments nor where the program lies', async () => {
    const { finding } = await askOne(execProbe(['/bin/false', '--token=s3cret']))
    expect(finding.item).toBe('exec false')
    expect(JSON.stringify(finding)).not.toContain('s3cret')
  })
})
