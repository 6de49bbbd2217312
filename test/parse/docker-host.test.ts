import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDockerHost } from '../../src/parse/docker-host.ts'

describe('parseDockerHost', () => {
  it.each([
    ['unix:///var/run/docker.sock', { kind: 'unix', socketPath: '/var/run/docker.sock' }],
    ['tcp://127.0.0.1:2375', { kind: 'tcp', url: 'http://127.0.0.1:2375', loopback: true }],
    ['tcp://localhost', { kind: 'tcp', url: 'http://localhost:2375', loopback: true }],
    ['tcp://[::1]:2375/', { kind: 'tcp', url: 'http://[::1]:2375', loopback: true }],
    ['tcp://docker-proxy:2375', { kind: 'tcp', url: 'http://docker-proxy:2375', loopback: false }],
    ['http://10.0.0.7:80', { kind: 'tcp', url: 'http://10.0.0.7:80', loopback: false }],
    ['tcp://127.evil.example:1', { kind: 'tcp', url: 'http://127.evil.example:1', loopback: false }],
  ])('%s', (text, wanted) => {
    expect(parseDockerHost(text, false)).toEqual({ kind: 'value', value: wanted })
  })

  it.each([
    ['ssh://root@host', 'ssh:// is not supported'],
    ['https://host:2376', 'https:// is not supported'],
    ['fd://', 'not of the form'],
    ['/var/run/docker.sock', 'not of the form'],
    ['unix://docker.sock', 'names no absolute path'],
    ['tcp://user:geheim@host:1', 'not of the form'],
    ['tcp://host:99999', 'not of the form'],
    ['tcp://host:1/path', 'not of the form'],
    ['tcp://', 'not of the form'],
  ])('%s is refused with the reason, without showing it', (text, words) => {
    const reading = parseDockerHost(text, false)
    expect(reading).toMatchObject({ kind: 'failed', cause: 'malformed', what: 'DOCKER_HOST' })
    expect(reading.kind === 'failed' && reading.detail).toContain(words)
    expect(JSON.stringify(reading)).not.toContain('geheim')
  })

  it('refuses TLS, but not for a unix socket', () => {
    expect(parseDockerHost('tcp://host:2376', true)).toMatchObject({ kind: 'failed' })
    expect(parseDockerHost('unix:///x', true)).toMatchObject({ kind: 'value' })
  })

  it('never throws, and what it accepts over TCP is an origin', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((rest) => `tcp://${rest}`),
    )
    fc.assert(
      fc.property(text, (dockerHost) => {
        const reading = parseDockerHost(dockerHost, false)
        if (reading.kind === 'value' && reading.value.kind === 'tcp')
          expect(reading.value.url).toMatch(/^http:\/\/([\w.-]+|\[[\da-fA-F:.]+\]):\d+$/)
      }),
    )
  })
})
