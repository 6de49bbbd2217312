import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEngineListing } from '../../src/parse/engine-listing.ts'

const listing = (engine: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/engine/${engine}-listing.json`), 'utf8'))

const entries = (json: unknown) => {
  const reading = parseEngineListing(json)
  if (reading.kind !== 'value') throw new Error(`no listing: ${JSON.stringify(reading)}`)
  return reading.value
}

const id = 'c0ffee'.repeat(10)

describe('parseEngineListing', () => {
  it('reads what Docker 20.10 lists', () => {
    const containers = new Map(entries(listing('docker-20.10')).map((c) => [c.name, c]))
    expect([...containers.keys()]).toEqual([
      'oomed',
      'sick',
      'held',
      'made',
      'done',
      'crashing',
      'limited',
      'plain',
    ])
    expect(containers.get('limited')).toMatchObject({
      image: 'base:1',
      state: 'running',
      health: 'healthy',
      pid: null,
      composeProject: 'shop',
      composeService: 'web',
    })
    expect(containers.get('sick')).toMatchObject({ health: 'unhealthy' })
    expect(containers.get('held')).toMatchObject({ state: 'paused', health: null })
    expect(containers.get('made')).toMatchObject({ state: 'created' })
    expect(containers.get('oomed')).toMatchObject({ state: 'exited' })
  })

  it('reads what Podman 4.3 lists', () => {
    const states = entries(listing('podman-4.3')).map(({ name, state }) => [name, state])
    expect(Object.fromEntries(states)).toEqual({
      plain: 'running',
      crashing: 'exited',
      sick: 'running',
      done: 'exited',
      held: 'paused',
      limited: 'running',
      made: 'created',
    })
  })

  it.each([
    ['its own name among the links of others', { Names: ['/web/db', '/db'] }, { name: 'db' }],
    ['no name', { Names: null }, { name: id.slice(0, 12) }],
    ['health that is starting', { Status: 'Up 2 seconds (health: starting)' }, { health: 'starting' }],
    ['health as a field', { Health: { Status: 'unhealthy' } }, { health: 'unhealthy' }],
    ['no health check', { Health: { Status: 'none' }, Status: 'Up 2 days' }, { health: null }],
    ['a new state', { State: 'hibernating' }, { state: 'unknown' }],
  ])('%s', (_, json, wanted) => {
    expect(entries([{ Id: id, ...json }])[0]).toMatchObject(wanted)
  })

  it.each([
    ['no array', { message: 'client version 1.24 is too old' }],
    ['nothing', undefined],
    ['an entry without an id', [{ Id: id }, {}]],
    ['an entry that is null', [null]],
    ['an id that would change the path it is put into', [{ Id: 'a/../../images/json' }]],
  ])('%s fails the whole', (_, json) => {
    expect(parseEngineListing(json)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('never throws and loses no entry', () => {
    const entry = fc.record({
      Id: fc.constant(id),
      Names: fc.jsonValue(),
      State: fc.jsonValue(),
      Labels: fc.jsonValue(),
    })
    fc.assert(fc.property(fc.array(entry), (json) => entries(json).length === json.length))
    fc.assert(fc.property(fc.jsonValue(), (json) => void parseEngineListing(json)))
  })
})
