import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProcCgroup } from '../../src/parse/proc-cgroup.ts'

describe('parseProcCgroup', () => {
  it.each([
    ['v2', '0::/system.slice/cron.service\n', '/system.slice/cron.service', null],
    ['v1 alone', '12:pids:/x\n4:memory:/docker/ab\n1:name=systemd:/y\n', null, '/docker/ab'],
    ['hybrid', '4:memory:/process_api/1f87\n1:cpu:/\n0::/\n', '/', '/process_api/1f87'],
    ['memory beside others', '3:cpuset,memory:/a\n', null, '/a'],
    ['colons and spaces in the path', '0::/a:b c:d (deleted)\n', '/a:b c:d (deleted)', null],
    ['outside of the namespace', '0::/../other\n', '/../other', null],
    ['no memory controller', '2:cpu:/a\n', null, null],
    ['a carriage return begins no line', '0::/x\r4:memory:/forged\n', '/x\r4:memory:/forged', null],
    ['a hierarchy by name', '5:name=memory:/no\n', null, null],
    ['nothing', '', null, null],
    ['no path', '0::\n4:memory\n', null, null],
    ['a path that is none', '0::x\n', null, null],
  ])('%s', (_, text, v2Path, v1MemoryPath) => {
    expect(parseProcCgroup(text)).toEqual({ v2Path, v1MemoryPath })
  })

  it('never throws; a path it gives begins with a slash', () => {
    const hostile = fc.string({ unit: fc.constantFrom(':', '/', '0', '4', 'memory', '\n', '\r', 'é') })
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        const { v2Path, v1MemoryPath } = parseProcCgroup(text)
        return [v2Path, v1MemoryPath].every((path) => path === null || path.startsWith('/'))
      }),
    )
  })
})
