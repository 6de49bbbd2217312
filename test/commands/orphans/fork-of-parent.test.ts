import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isForkOfParent } from '../../../src/commands/orphans/fork-of-parent.ts'
import { makeFiles } from '../../../src/host/files.ts'
import type { Host } from '../../../src/host/host.ts'
import { liveBase } from '../../support/bases.ts'
import { isRoot } from '../../support/needs.ts'
import { seen, startFamily, until } from '../../support/process-family.ts'

const host = { files: makeFiles(liveBase) } as unknown as Host
const asked = (pid: number, ppid: number) => isForkOfParent(host, { pid, ppid } as never)
const lineOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')

describe.runIf(isRoot)('a fork of its parent, with real processes', () => {
  it('is told from a program that the parent has started', async () => {
    const family = startFamily('(while :; do sleep 1; done) & echo $!; tail -f /dev/null & echo $!; wait')
    const [fork = 0, program = 0] = await family.pids(2)
    await until(() => lineOf(program).startsWith('tail'))
    expect(seen(fork)?.ppid).toBe(family.pid)
    expect(asked(fork, family.pid)).toBe(true)
    expect(asked(program, family.pid)).toBe(false)
    expect(asked(999_999_999, family.pid)).toBe(false)
  })
})
