import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEngineEvents } from '../../../src/parse/crash/engine-events.ts'

const [web, db] = ['a'.repeat(64), 'b'.repeat(64)]

/** As Docker 20.10 to 28 write it. */
const docker = (action: string, second: number, attributes: object = {}, id = web): string =>
  JSON.stringify({
    status: action,
    id,
    from: 'oratio-e2e:1',
    Type: 'container',
    Action: action,
    Actor: { ID: id, Attributes: { image: 'oratio-e2e:1', name: id === web ? 'web' : 'db', ...attributes } },
    scope: 'local',
    time: 1_800_000_000 + second,
    timeNano: (1_800_000_000 + second) * 1e9,
  })

const told = (...lines: string[]) =>
  parseEngineEvents(lines.join('\n')).events.map(({ kind, container, exitCode, message }) => ({
    kind,
    container,
    exitCode,
    message,
  }))

describe('parseEngineEvents', () => {
  it.each([134, 137, 139])('a container that ended with %i', (exitCode) => {
    const { events, names } = parseEngineEvents(docker('die', 5, { exitCode: `${exitCode}` }))
    expect(events).toMatchObject([
      { kind: 'container-exit', atMs: 1_800_000_005_000, container: web, exitCode },
    ])
    expect(names).toEqual(new Map([[web, 'web']]))
  })

  it.each(['0', '1', '143', 'x', ''])('one that ended with "%s" is no crash', (exitCode) => {
    expect(told(docker('die', 5, { exitCode }))).toEqual([])
  })

  it('an end that follows an oom is told with it, once', () => {
    expect(told(docker('oom', 1), docker('die', 2, { exitCode: '137' }))).toEqual([
      { kind: 'oom-kill', container: web, exitCode: 137, message: 'container web ran out of memory' },
    ])
  })

  it('an oom of another container, or long before, explains no end', () => {
    expect(
      told(
        docker('oom', 1, {}, db),
        docker('oom', 1),
        docker('die', 500, { exitCode: '137' }),
        docker('die', 501, { exitCode: '137' }, db),
      ).map(({ kind }) => kind),
    ).toEqual(['oom-kill', 'oom-kill', 'container-exit', 'container-exit'])
  })

  it('a kill that was asked for is said', () => {
    expect(told(docker('kill', 1, { signal: '9' }), docker('die', 2, { exitCode: '137' }))).toMatchObject([
      { message: 'container web exited with 137; the engine was asked to send it signal 9 before' },
    ])
  })

  it("Podman's words", () => {
    const kill = JSON.stringify({
      ...{ Type: 'container', Action: 'kill', time: 1_800_000_006 },
      Actor: { ID: db, Attributes: { name: 'db', containerExitCode: '0' } },
    })
    const line = JSON.stringify({
      Type: 'container',
      Action: 'died',
      Actor: { ID: db, Attributes: { name: 'db', containerExitCode: '139' } },
      time: 1_800_000_007,
    })
    expect(told(kill, line)).toMatchObject([
      {
        ...{ kind: 'container-exit', container: db, exitCode: 139 },
        message: 'container db exited with 139; the engine was asked to send it a signal before',
      },
    ])
  })

  it('what is no event of a container, cut off, or of another form is left out', () => {
    const whole = docker('die', 5, { exitCode: '137' })
    expect(
      told('', '[]', '{}', 'null', '{"Type":', whole.slice(0, 90), whole.replace('"container"', '"network"')),
    ).toEqual([])
    expect(parseEngineEvents(`${whole.slice(0, 90)}\n${whole}`).count).toBe(1)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (all) => {
        parseEngineEvents(all.map((one) => JSON.stringify(one)).join('\n'))
      }),
    )
  })
})
