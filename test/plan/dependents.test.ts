import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContainerFacts } from '../../src/core/facts.ts'
import { type Dependent, dependentsOf } from '../../src/plan/dependents.ts'
import { container } from '../support/captured-host.ts'

const comesAfter = (name: string, ...others: string[]): Dependent => ({
  name,
  after: others,
  containers: [],
  restartable: true,
})

const run = (name: string, facts: Partial<ContainerFacts> = {}): Dependent => ({
  ...comesAfter(name),
  containers: [
    container({
      id: [...name]
        .map((c) => c.charCodeAt(0).toString(16))
        .join('')
        .padEnd(64, '0'),
      name: `p-${name}-1`,
      composeProject: 'p',
      composeService: name,
      ...facts,
    }),
  ],
})
const dependsOn = (label: string) => ({ labels: { 'com.docker.compose.depends_on': label } })

describe('dependentsOf', () => {
  it('by after, also of those that come after those', () => {
    const services = [
      comesAfter('web', 'api'),
      comesAfter('api', 'db'),
      comesAfter('db'),
      comesAfter('other'),
    ]
    expect(dependentsOf('db', services)).toEqual(['api', 'web'])
    expect(dependentsOf('web', services)).toEqual([])
    expect(dependentsOf('nobody', services)).toEqual([])
  })

  it('what depends on two comes after both, whatever the order of the config', () => {
    const services = [
      comesAfter('web', 'db', 'api'),
      comesAfter('api', 'db'),
      comesAfter('jobs', 'db'),
      comesAfter('db'),
    ]
    expect(dependentsOf('db', services)).toEqual(['api', 'web', 'jobs'])
  })

  it('a circle is followed once, and never back to the start', () => {
    const services = [comesAfter('a', 'c'), comesAfter('b', 'a'), comesAfter('c', 'b')]
    expect(dependentsOf('a', services)).toEqual(['b', 'c'])
    expect(dependentsOf('a', [comesAfter('a', 'a')])).toEqual([])
  })

  it('what is never restarted stays, and so does what comes after it', () => {
    const services = [
      comesAfter('db'),
      { ...comesAfter('api', 'db'), restartable: false },
      comesAfter('web', 'api'),
    ]
    expect(dependentsOf('db', services)).toEqual([])
  })

  it.each([
    ['db:service_started:true', ['api']],
    ['cache:service_started:false,db:service_healthy:true', ['api']],
    ['db:service_started:false', []],
    ['db:service_started', []],
    ['db', []],
    ['', []],
    ['db2:service_started:true', []],
    [':::,,:,', []],
  ])('compose: depends_on "%s"', (label, expected) => {
    expect(dependentsOf('db', [run('db'), run('api', dependsOn(label))])).toEqual(expected)
  })

  it('compose: of another project, or without one, it is another db', () => {
    const label = dependsOn('db:service_started:true')
    expect(dependentsOf('db', [run('db'), run('api', { ...label, composeProject: 'q' })])).toEqual([])
    const none = { composeProject: null }
    expect(dependentsOf('db', [run('db', none), run('api', { ...label, ...none })])).toEqual([])
  })

  it('by a shared network: the id, a part of it, or the name', () => {
    const vpn = run('vpn')
    const id = vpn.containers[0]?.id ?? ''
    for (const ref of [id, id.slice(0, 12), 'p-vpn-1'])
      expect(dependentsOf('vpn', [run('torrent', { networkMode: `container:${ref}` }), vpn])).toEqual([
        'torrent',
      ])
    for (const networkMode of ['container:', `container:${id.slice(0, 5)}`, 'bridge', 'container:p-vpn-2'])
      expect(dependentsOf('vpn', [run('torrent', { networkMode }), vpn])).toEqual([])
  })

  it('property: each once, all that are reached, dependencies first where there is no circle', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const graph = fc.tuple(...names.map(() => fc.subarray(names)))
    fc.assert(
      fc.property(graph, (edges) => {
        const services = names.map((name, i) => comesAfter(name, ...(edges[i] ?? [])))
        const found = dependentsOf('a', services)
        const reached = new Set(['a'])
        for (const _ of names)
          for (const { name, after: on } of services)
            if (on.some((one) => reached.has(one))) reached.add(name)
        reached.delete('a')
        expect([...found].sort()).toEqual([...reached].sort())
        expect(new Set(found).size).toBe(found.length)
      }),
    )
    fc.assert(
      fc.property(graph, (edges) => {
        const services = names.map((name, i) =>
          comesAfter(name, ...(edges[i] ?? []).filter((other) => other < name)),
        )
        const found = dependentsOf('a', services)
        for (const { name, after: on } of services)
          for (const other of on)
            if (found.includes(name) && found.includes(other))
              expect(found.indexOf(other)).toBeLessThan(found.indexOf(name))
      }),
    )
  })
})
