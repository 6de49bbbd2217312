import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandRegistry } from '../src/commands/registry.ts'
import { completionFor } from '../src/completion.ts'
import { completedOption } from '../src/report/completion.ts'
import { tempFolder } from './support/temp-folder.ts'

const folder = tempFolder('completion')
const isThere = (name: string): boolean => spawnSync('which', [name]).status === 0

/** What bash offers at the end of these words. */
const offered = async (...words: string[]): Promise<string[]> => {
  const file = join(folder, 'bash')
  writeFileSync(file, await completionFor('bash'))
  const script = `source ${file}; COMP_WORDS=(oratio-health "$@"); COMP_CWORD=$#; _oratio_health; printf '%s\\n' "\${COMPREPLY[@]}"`
  const ran = spawnSync('bash', ['-c', script, '-', ...words], { encoding: 'utf8', cwd: folder })
  expect(ran.stderr).toBe('')
  return ran.stdout.split('\n').filter((line) => line !== '')
}

describe('completion', () => {
  it('in bash offers every command, and what begins so', async () => {
    expect(await offered('')).toEqual([...commandRegistry.map(({ name }) => name), 'completion'])
    expect(await offered('ver')).toEqual(['verify'])
  })

  it('in bash offers the options of the command, behind global ones too, and nothing for a value', async () => {
    expect(await offered('verify', '--max-')).toEqual([
      '--max-memory',
      '--max-growth',
      '--max-swap',
      '--max-cpu',
      '--max-processes',
    ])
    expect(await offered('-c', 'x.yaml', '-v', 'limits', '')).toEqual(['status', 'apply', 'remove'])
    expect(await offered('check', '--no-a')).toEqual(['--no-act'])
    expect(await offered('verify', '--since', '')).toEqual([])
  })

  it('in bash offers files for what takes one', async () => {
    writeFileSync(join(folder, 'some-config.yaml'), '')
    expect(await offered('-c', 'some')).toEqual(['some-config.yaml'])
    expect(await offered('trend', 'some')).toEqual(['some-config.yaml'])
  })

  it.runIf(isThere('zsh'))('is read by zsh', async () => {
    const file = join(folder, 'zsh')
    writeFileSync(file, await completionFor('zsh'))
    expect(spawnSync('zsh', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })

  it.runIf(isThere('fish'))('in fish offers commands and options', async () => {
    const file = join(folder, 'fish')
    writeFileSync(file, await completionFor('fish'))
    const complete = (line: string): string =>
      spawnSync('fish', ['-c', `source ${file}; complete -C "${line}"`], { encoding: 'utf8' }).stdout
    expect(complete('oratio-health ver')).toMatch(/^verify\t/)
    expect(complete('oratio-health verify --max-s')).toMatch(/^--max-swap\t/)
  })

  it.each([
    ['-c, --config <file>', { short: 'c', long: 'config', value: 'file' }],
    ['--mark [text]', { short: null, long: 'mark', value: 'text' }],
    ['--no-act', { short: null, long: 'no-act', value: 'none' }],
    ['--from <file...>', { short: null, long: 'from', value: 'file' }],
  ])('reads %s', (flags, expected) => {
    expect(completedOption(flags, 'x')).toMatchObject(expected)
  })
})
