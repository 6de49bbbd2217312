import { describe, expect, it } from 'vitest'
import { messageOf } from '../../../src/report/sentence.ts'
import { askOne, httpServer, rpcProbe } from './real-host.ts'

/** Answers what `answer` makes of the call. */
const rpcServer = (
  answer: (call: Record<string, unknown>) => [status: number, body: string],
): Promise<number> =>
  httpServer((request, response) => {
    let body = ''
    request.on('data', (data) => {
      body += data
    })
    request.on('end', () => {
      const [status, text] = answer({
        ...JSON.parse(body),
        http: request.method,
        type: request.headers['content-type'],
        authorization: request.headers.authorization,
      })
      response.writeHead(status).end(text)
    })
  })

const findingOf = async (status: number, body: string, more: object = {}) => {
  const port = await rpcServer(() => [status, body])
  const { finding } = await askOne(rpcProbe(`http://127.0.0.1:${port}`, more))
  return finding
}

describe('jsonrpc', () => {
  it('calls as version 2.0 says, with basic authentication', async () => {
    const calls: unknown[] = []
    const port = await rpcServer((call) => {
      calls.push(call)
      return [200, JSON.stringify({ jsonrpc: '2.0', id: call.id, result: '4.3.0' })]
    })
    const { finding } = await askOne(rpcProbe(`http://127.0.0.1:${port}`, { user: 'rpc', password: 'x' }))
    expect(finding).toMatchObject({ code: 'ok', item: `jsonrpc 127.0.0.1:${port} version` })
    expect(calls).toEqual([
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'version',
        params: [],
        http: 'POST',
        type: 'application/json',
        authorization: `Basic ${Buffer.from('rpc:x').toString('base64')}`,
      },
    ])
  })

  it.each<[string, number, string]>([
    ['a result that is null', 200, '{"id":1,"result":null}'],
    ['an error that is null (version 1)', 200, '{"id":1,"result":{"a":1},"error":null}'],
  ])('is fine with %s', async (_, status, body) => {
    expect((await findingOf(status, body)).code).toBe('ok')
  })

  it.each<[string, number, string, object]>([
    ['no JSON', 200, '<html>busy</html>', { reason: 'not-json' }],
    ['nothing', 200, '', { reason: 'not-json' }],
    ['half of it', 200, '{"id":1,"resu', { reason: 'not-json' }],
    ['JSON that is no object', 200, '[1]', { reason: 'no-result' }],
    ['null', 200, 'null', { reason: 'no-result' }],
    ['no result', 200, '{"id":1}', { reason: 'no-result' }],
    ['the id of another call', 200, '{"id":2,"result":1}', { reason: 'wrong-id' }],
    ['no id', 200, '{"result":1}', { reason: 'wrong-id' }],
    [
      'an error',
      200,
      '{"id":1,"error":{"code":-32601,"message":"no"}}',
      { reason: 'rpc-error', message: 'no (-32601)' },
    ],
    [
      'an error beside a result',
      200,
      '{"id":1,"result":1,"error":"bad"}',
      { reason: 'rpc-error', message: 'bad' },
    ],
    ['an error without words', 200, '{"id":1,"error":{"a":1}}', { reason: 'rpc-error', message: '{"a":1}' }],
    ['an error that is false', 200, '{"id":1,"result":1,"error":false}', { reason: 'rpc-error' }],
    [
      'a 500 with an error',
      500,
      '{"id":1,"result":null,"error":{"code":-28,"message":"Loading"}}',
      { reason: 'rpc-error', message: 'Loading (-28)' },
    ],
    ['a 500 without', 500, 'Internal', { reason: 'status', status: 500 }],
    ['a 503 with a result', 503, '{"id":1,"result":1}', { reason: 'status', status: 503 }],
    ['a 401', 401, '', { reason: 'password-refused', status: 401 }],
  ])('fails with %s', async (_, status, body, args) => {
    const finding = await findingOf(status, body)
    expect(finding).toMatchObject({ code: 'failed', status: 'critical', args })
  })

  it('says so of a password that is refused', async () => {
    expect(messageOf(await findingOf(401, ''), 'service')).toMatch(
      /failed: password refused \(401\) — correct user and password/,
    )
  })

  it('shows the words of an error escaped, cut, and without the password', async () => {
    const message = `bad \u001b[31m pass "s3cret" at http://u:s3cret@h/ ${'x'.repeat(5000)}`
    const body = JSON.stringify({ id: 1, error: { message } })
    const finding = await findingOf(500, body, { user: 'rpc', password: 's3cret' })
    const said = String(finding.args?.message)
    expect(said).toContain('bad \\x1b[31m pass "***" at http://***@h/')
    expect(said.length).toBeLessThanOrEqual(200)
    expect(JSON.stringify(finding)).not.toContain('s3cret')
  })

  it('does not judge an answer that is too long to be read', async () => {
    const port = await httpServer((_, response) => {
      response.write('{"id":1,"result":"')
      response.end('x'.repeat(9 * 1024 * 1024))
    })
    const { finding } = await askOne(rpcProbe(`http://127.0.0.1:${port}`))
    expect(finding).toMatchObject({ code: 'unreadable', status: 'unknown' })
  })
})
