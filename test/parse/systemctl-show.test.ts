import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSystemctlShow, unitFacts } from '../../src/parse/systemctl-show.ts'

/** systemd 252 on Debian 12: one unit that runs, one that failed. */
const systemd252 = `Type=notify
Restart=on-failure
RestartUSec=100ms
MainPID=270
ControlPID=281
Result=success
NRestarts=0
ControlGroup=/system.slice/systemd-journald.service
MemoryHigh=infinity
MemoryMax=infinity
MemoryLimit=infinity
Id=systemd-journald.service
Names=systemd-journald.service dbus-org.example.Alias.service
LoadState=loaded
ActiveState=active
SubState=running
ActiveEnterTimestampMonotonic=32539650
StartLimitIntervalUSec=10s
StartLimitBurst=5
InvocationID=9d901ebd2452454ea0eb03c39f65b748

Type=simple
Restart=no
RestartUSec=100ms
MainPID=0
ControlPID=0
Result=exit-code
NRestarts=0
ControlGroup=
MemoryHigh=infinity
MemoryMax=infinity
MemoryLimit=infinity
Id=broken.service
Names=broken.service
LoadState=loaded
ActiveState=failed
SubState=failed
ActiveEnterTimestampMonotonic=437409977
StartLimitIntervalUSec=10s
StartLimitBurst=5
InvocationID=8f9796e1251a46bf81f30dd4a75813af
`

const onlyUnit = (text: string) => {
  const blocks = parseSystemctlShow(text)
  expect(blocks).toHaveLength(1)
  return unitFacts(blocks[0] ?? {})
}

describe('parseSystemctlShow', () => {
  it('makes a block of each unit', () => {
    const blocks = parseSystemctlShow(systemd252)
    expect(blocks.map(({ Id }) => Id)).toEqual(['systemd-journald.service', 'broken.service'])
    expect(blocks[1]).toMatchObject({ ControlGroup: '', Result: 'exit-code' })
    expect(Object.keys(blocks[0] ?? {})).toHaveLength(20)
  })

  it.each<[string, string, Record<string, string>[]]>([
    ['nothing', '', []],
    ['empty lines', '\n\n\n', []],
    [
      'an equals sign in a value',
      'Id=a.service\nEnvironment=A=1 B==2',
      [{ Id: 'a.service', Environment: 'A=1 B==2' }],
    ],
    [
      'line breaks in a value, empty lines and lower-case assignments too',
      'ExecStart={ argv[]=sh -c echo 1\n\nx=2\n  Y ; }\nId=a.service',
      [{ ExecStart: '{ argv[]=sh -c echo 1\n\nx=2\n  Y ; }', Id: 'a.service' }],
    ],
    ['text before any property', 'Warning: x\nId=a.service', [{ Id: 'a.service' }]],
    [
      'several empty lines between units',
      'Id=a.service\n\n\nId=b.service',
      [{ Id: 'a.service' }, { Id: 'b.service' }],
    ],
    ['a value with a carriage return', 'Id=a\rb', [{ Id: 'a\rb' }]],
    ['no line end', 'Id=a.service', [{ Id: 'a.service' }]],
  ])('takes %s', (_, text, blocks) => {
    expect(parseSystemctlShow(text)).toEqual(blocks)
  })
})

describe('unitFacts', () => {
  it('reads a unit that runs', () => {
    expect(unitFacts(parseSystemctlShow(systemd252)[0] ?? {})).toEqual({
      id: 'systemd-journald.service',
      names: ['systemd-journald.service', 'dbus-org.example.Alias.service'],
      loadState: 'loaded',
      activeState: 'active',
      subState: 'running',
      result: 'success',
      type: 'notify',
      mainPid: 270,
      controlPid: 281,
      controlGroup: '/system.slice/systemd-journald.service',
      invocationId: '9d901ebd2452454ea0eb03c39f65b748',
      restarts: 0,
      activeSinceMonotonicUs: 32_539_650,
      inactiveSinceMonotonicUs: null,
      restartSetting: 'on-failure',
      restartDelayUs: 100_000,
      restartSteps: 0,
      restartMaxDelayUs: null,
      startLimitIntervalUs: 10_000_000,
      startLimitBurst: 5,
      memoryMaxBytes: null,
      memoryHighBytes: null,
      memoryLowBytes: null,
    })
  })

  it('reads a unit that failed', () => {
    expect(unitFacts(parseSystemctlShow(systemd252)[1] ?? {})).toMatchObject({
      activeState: 'failed',
      result: 'exit-code',
      mainPid: null,
      controlGroup: null,
    })
  })

  it.each([
    ['infinity', null],
    ['18446744073709551615', null],
    ['[not set]', null],
    ['', null],
    ['0', null],
    ['-1', null],
    ['1e9', null],
    ['6442450944', 6_442_450_944],
  ])('reads MemoryMax=%s as %j', (text, bytes) => {
    expect(onlyUnit(`Id=a.service\nMemoryMax=${text}`).memoryMaxBytes).toBe(bytes)
  })

  it('takes MemoryLimit of systemd 241 on cgroup v1 where MemoryMax is not set', () => {
    expect(onlyUnit('MemoryMax=infinity\nMemoryLimit=1048576').memoryMaxBytes).toBe(1_048_576)
    expect(onlyUnit('MemoryMax=2097152\nMemoryLimit=1048576').memoryMaxBytes).toBe(2_097_152)
  })

  it('reads the steps of a delay that grows, of systemd 254', () => {
    const show = 'RestartUSec=100ms\nRestartSteps=5\nRestartMaxDelayUSec=1min\nRestartUSecNext=360ms'
    expect(onlyUnit(show)).toMatchObject({ restartSteps: 5, restartMaxDelayUs: 60_000_000 })
    expect(onlyUnit('RestartSteps=x\nRestartMaxDelayUSec=infinity')).toMatchObject({
      restartSteps: 0,
      restartMaxDelayUs: null,
    })
  })

  it('reads "never active", no restarts delay and no limit of starts', () => {
    const facts = onlyUnit(
      'ActiveEnterTimestampMonotonic=0\nInactiveEnterTimestampMonotonic=77\nRestartUSec=infinity\nStartLimitIntervalUSec=0\nStartLimitBurst=0\nInvocationID=',
    )
    expect(facts).toMatchObject({
      activeSinceMonotonicUs: null,
      inactiveSinceMonotonicUs: 77,
      restartDelayUs: null,
      startLimitIntervalUs: 0,
      startLimitBurst: 0,
      invocationId: null,
    })
  })

  it('unquotes names with a backslash', () => {
    const facts = onlyUnit('Id=dev-a\\x2db.service\nNames="dev-a\\\\x2db.service" b.service')
    expect(facts.names).toEqual(['dev-a\\x2db.service', 'b.service'])
  })

  it('goes by its id where names were not asked for', () => {
    expect(onlyUnit('Id=a.service').names).toEqual(['a.service'])
  })

  it('never throws, and no number is ever 0 for "none", negative or broken', () => {
    const key = fc.constantFrom('Id', 'Names', 'MainPID', 'MemoryMax', 'RestartUSec', 'NRestarts', 'X')
    const lines = fc.array(
      fc.oneof(
        fc.string(),
        fc.tuple(key, fc.string()).map((pair) => pair.join('=')),
      ),
    )
    fc.assert(
      fc.property(lines, (parts) => {
        for (const block of parseSystemctlShow(parts.join('\n'))) {
          const { mainPid, memoryMaxBytes, restarts } = unitFacts(block)
          expect(Number.isSafeInteger(restarts) && restarts >= 0).toBe(true)
          for (const number of [mainPid, memoryMaxBytes])
            expect(number === null || (Number.isSafeInteger(number) && number > 0)).toBe(true)
        }
      }),
    )
  })
})
