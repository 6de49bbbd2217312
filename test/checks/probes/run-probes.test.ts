import { describe, expect, it } from 'vitest'
import type { Probe } from '../../../src/checks/probes/probe.ts'
import { probeKinds } from '../../../src/checks/probes/registry.ts'
import { runProbes } from '../../../src/checks/probes/run-probes.ts'
import { type Probe as ConfigProbe, probe } from '../../../src/config/sections/probes.ts'
import type { ServiceState } from '../../../src/core/service.ts'
import { messageOf } from '../../../src/report/sentence.ts'
import { serviceFacts } from '../../support/service-facts.ts'
import { askOne, execProbe, httpProbe, httpServer, rawServer, realHost, tcpProbe } from './real-host.ts'

it('there is a kind for every probe of the config, of its form', () => {
  const accepts = (given: ConfigProbe): Probe => given
  expect(accepts).toBeTypeOf('function')
  if (probe.kind !== 'variants') throw new Error('no variants')
  expect(Object.keys(probeKinds).sort()).toEqual(Object.keys(probe.variants).sort())
})

describe('probes', () => {
  it('are 20 at once, whatever there are, and all are asked', async () => {
    let now = 0
    let most = 0
    let asked = 0
    const waiting: (() => void)[] = []
    const port = await httpServer((_, response) => {
      now++
      asked++
      most = Math.max(most, now)
      waiting.push(() => {
        now--
        response.end()
      })
      // Fewer at once than 20 would never end; more would come within that time.
      const answerAll = () => {
        for (const answer of waiting.splice(0)) answer()
      }
      if (waiting.length === 20) setTimeout(answerAll, 200)
      else if (asked === 50) answerAll()
    })
    const services = Array.from({ length: 10 }, (_, i) => ({
      facts: serviceFacts({ name: `s${i}` }),
      probes: Array.from({ length: 5 }, (_, j) => httpProbe(`http://127.0.0.1:${port}/${j}`)),
    }))
    const { findings } = await runProbes(realHost(), services, null)
    expect([...findings.values()].flat().map(({ code }) => code)).toEqual(Array(50).fill('ok'))
    expect(findings.get('s3')?.map(({ item }) => item)).toEqual(
      [0, 1, 2, 3, 4].map((j) => `http 127.0.0.1:${port}/${j}`),
    )
    expect(most).toBe(20)
  })

  it('are tried again as often as they say, and no more', async () => {
    let asked = 0
    const port = await httpServer((_, response) => {
      asked++
      response.writeHead(500).end()
    })
    const { finding } = await askOne(httpProbe(`http://127.0.0.1:${port}/`, { retries: 2 }))
    expect(asked).toBe(3)
    expect(finding.args).toMatchObject({ tries: 3 })
    expect(messageOf(finding, 'service')).toContain('answered 500, not 200 to 299, 3 tries')
  })

  it('are fine when a retry is', async () => {
    let asked = 0
    const port = await httpServer((_, response) => response.writeHead(++asked === 2 ? 200 : 500).end())
    expect((await askOne(httpProbe(`http://127.0.0.1:${port}/`, { retries: 5 }))).finding.code).toBe('ok')
    expect(asked).toBe(2)
  })

  it.each<[ServiceState, boolean]>([
    ['running', true],
    ['starting', false],
    ['paused', false],
    ['restarting', false],
    ['stopped', false],
    ['failed', false],
    ['missing', false],
    ['unknown', false],
  ])('of a service that is %s are asked: %s', async (state, isAsked) => {
    let asked = 0
    const port = await rawServer(() => asked++)
    const services = [{ facts: serviceFacts({ state }), probes: [tcpProbe(`127.0.0.1:${port}`)] }]
    const { findings } = await runProbes(realHost(), services, null)
    expect(findings.size).toBe(isAsked ? 1 : 0)
    expect(asked > 0).toBe(isAsked)
  })

  it('that are alike are told apart', async () => {
    const probes = [execProbe(['true', 'a']), execProbe(['true', 'b']), execProbe(['true', 'c'])]
    const { findings } = await runProbes(realHost(), [{ facts: serviceFacts(), probes }], null)
    expect(findings.get('web')?.map(({ item }) => item)).toEqual([
      'exec true',
      'exec true #2',
      'exec true #3',
    ])
  })

  it('that this run has no time for were not tried', async () => {
    let asked = 0
    const port = await rawServer(() => asked++)
    const services = [{ facts: serviceFacts(), probes: [httpProbe(`http://127.0.0.1:${port}/`)] }]
    const late = await runProbes(realHost(), services, null, () => 0)
    expect(late.findings.get('web')).toMatchObject([{ code: 'unreadable', status: 'unknown' }])
    expect(asked).toBe(0)
    const cut = await runProbes(realHost(), services, null, () => 200)
    const [finding] = cut.findings.get('web') ?? []
    expect(finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
    expect(finding && messageOf(finding, 'service')).toContain('not tried: this run had no time left to wait')
    // The server, which is in this process, may hear of it only now.
    await expect.poll(() => asked).toBe(1)
  })

  it('with a defect of ours are unknown, and the others are asked', async () => {
    const host = realHost()
    const broken = { ...host, net: { ...host.net, connect: () => Promise.reject(new Error('oops')) } }
    const probes = [tcpProbe('127.0.0.1:1'), execProbe(['true'])]
    const { findings } = await runProbes(broken, [{ facts: serviceFacts(), probes }], null)
    expect(findings.get('web')).toMatchObject([
      { code: 'defect', status: 'unknown', args: { message: 'oops' } },
      { code: 'ok' },
    ])
  })

  it.each([null, 'x', 7, [], { logs: 'x' }, { logs: [1, ['a'], [2, 3]] }])(
    'do not mind that %j was remembered',
    async (remembered) => {
      const services = [{ facts: serviceFacts(), probes: [execProbe(['true'])] }]
      expect((await runProbes(realHost(), services, remembered)).findings.get('web')?.[0]?.code).toBe('ok')
    },
  )
})
