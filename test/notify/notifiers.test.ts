import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Delivery, Message } from '../../src/notify/notifier.ts'
import { notifiers } from '../../src/notify/registry.ts'

const message = (more: Partial<Message> = {}): Message => ({
  kind: 'news',
  hostname: 'box',
  status: 'critical',
  title: 'box: 1 critical',
  lines: ['CRIT wallet memory: 62.9 GiB'],
  at: '2026-11-26T03:00:00.000Z',
  ...more,
})

const describeFor = (settings: Record<string, unknown>, more: Partial<Message> = {}): Delivery | null =>
  notifiers.find(({ key }) => settings[key] !== undefined)?.describe(settings, message(more)) ?? null

const http = (settings: Record<string, unknown>, more: Partial<Message> = {}) => {
  const delivery = describeFor(settings, more)
  if (delivery?.by !== 'http') throw new Error('not by http')
  return delivery
}

describe('webhook', () => {
  it('slack: text, with its markup escaped', () => {
    const { body } = http({ webhook: 'https://h/x', format: 'slack' }, { lines: ['<!channel> a & b'] })
    expect(JSON.parse(body).text).toContain('&lt;!channel&gt; a &amp; b')
  })

  it('discord: no more than 2,000 characters, and nobody is pinged', () => {
    const { body } = http(
      { webhook: 'https://h/x', format: 'discord' },
      { lines: ['@everyone', 'x'.repeat(5000)] },
    )
    const { content, allowed_mentions } = JSON.parse(body)
    expect(content.length).toBeLessThanOrEqual(2000)
    expect(allowed_mentions).toEqual({ parse: [] })
  })

  it('ntfy: title and priority as headers that hold no line break', () => {
    const { headers, body } = http({ webhook: 'https://h/x', format: 'ntfy' }, { title: 'a\r\nX-Evil: 1 ü' })
    expect(headers.Title).toBe('a??X-Evil: 1 ?')
    expect(headers.Priority).toBe('5')
    expect(body).toContain('wallet')
  })

  it('json: all of it', () => {
    const { body } = http({ webhook: 'https://h/x' })
    expect(JSON.parse(body)).toMatchObject({
      host: 'box',
      status: 'critical',
      lines: ['CRIT wallet memory: 62.9 GiB'],
    })
  })
})

describe('ping', () => {
  it.each([
    [{ kind: 'start' as const }, 'https://h/uuid/start'],
    [{ kind: 'end' as const, status: 'ok' as const }, 'https://h/uuid'],
    [{ kind: 'end' as const, status: 'warning' as const }, 'https://h/uuid'],
    [{ kind: 'end' as const, status: 'critical' as const }, 'https://h/uuid/fail'],
    [{ kind: 'end' as const, status: 'unknown' as const }, 'https://h/uuid/fail'],
  ])('%j goes to %s', (more, url) => {
    expect(http({ ping: 'https://h/uuid/' }, more).url).toBe(url)
  })

  it('keeps a query, says the last lines, and has nothing to do with news', () => {
    expect(http({ ping: 'https://h/u?a=1' }, { kind: 'start' }).url).toBe('https://h/u/start?a=1')
    expect(http({ ping: 'https://h/u' }, { kind: 'end' }).body).toContain('wallet')
    expect(describeFor({ ping: 'https://h/u' })).toBeNull()
  })
})

describe('email', () => {
  it('is a letter whose headers no name can add to', () => {
    const title = 'box\nBcc: evil@example.org: ünder ☃'
    const delivery = describeFor({ email: 'ops@example.org' }, { title })
    if (delivery?.by !== 'mail') throw new Error('no mail')
    const [head = ''] = delivery.text.split('\n\n')
    expect(
      head
        .split('\n')
        .filter((line) => /^\S/.test(line))
        .map((line) => line.split(':')[0]),
    ).toEqual([
      'To',
      'Subject',
      'MIME-Version',
      'Content-Type',
      'Content-Transfer-Encoding',
      'Auto-Submitted',
    ])
    expect(delivery.text).toContain('CRIT wallet memory: 62.9 GiB')
  })

  const headOf = (title: string): string[] => {
    const delivery = describeFor({ email: 'o@x' }, { title, lines: [] })
    return delivery?.by === 'mail' ? (delivery.text.split('\n\n')[0] ?? '').split('\n') : []
  }
  /** As a mail reader does: each word by itself, and nothing between two. */
  const decoded = (lines: string[]): string =>
    lines
      .map((line) => /^(?:Subject:)? =\?UTF-8\?Q\?(.*)\?=$/.exec(line)?.[1] ?? '?')
      .map((word) => decodeURIComponent(word.replaceAll('=', '%')))
      .join('')

  it.each([
    ['ten letters of three bytes', '☃'.repeat(10)],
    ['many of four', '🦀'.repeat(190)],
    ['half a letter', 'a\ud83e b'],
    ['a letter at the cut', `${'x'.repeat(183)}🦀🦀`],
    ['words that look encoded', '=?UTF-8?Q?Bcc?='],
  ])('%s as a title are words of no more than 75 characters', (_, title) => {
    const lines = headOf(title).filter((line) => /^(?:Subject:| )/.test(line))
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(76)
    expect(decoded(lines)).toBe(
      [...`[oratio-health] ${title.replace(/\p{Surrogate}/u, '\ufffd')}`].slice(0, 200).join(''),
    )
  })

  it('any title is headers of 7-bit lines of at most 76 characters, which say it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (title) => {
        const head = headOf(title)
        const own = head.filter((line) => /^(?:Subject:| )/.test(line))
        expect(head).toHaveLength(5 + own.length)
        if (/^[\x20-\x7e]*$/.test(title) && !title.includes('=?')) return
        for (const line of head) expect(line).toMatch(/^[\x20-\x7e]{0,76}$/)
        expect(decoded(own)).toBe([...`[oratio-health] ${title}`].slice(0, 200).join(''))
      }),
    )
  })
})

it('a command has the lines on stdin and the rest in its environment', () => {
  expect(describeFor({ run: 'x' })).toMatchObject({
    by: 'shell',
    run: 'x',
    input: 'CRIT wallet memory: 62.9 GiB\n',
    env: { STATUS: 'critical', HOSTNAME: 'box' },
  })
})
