import { choice, type Parsed, record, required, secret } from '../core/field.ts'
import { webAddress } from '../core/text-forms.ts'
import { cutTo, type Message, type Notifier } from './notifier.ts'

// Whoever knows such an address can post there, so it is a secret as a whole.
const field = record('A POST request', {
  webhook: required(
    secret('Address', null, { ...webAddress, expects: 'an address such as https://example.org/hook' }),
  ),
  format: choice('What is sent', ['slack', 'discord', 'ntfy', 'json'], 'json'),
})

type Target = Parsed<typeof field>

const json = { 'Content-Type': 'application/json' }
const icons = { ok: '✅', warning: '⚠️', critical: '🔴', unknown: '❔' } as const
/** ntfy's scale of 1 to 5. */
const priorities = { ok: '2', warning: '3', unknown: '3', critical: '5' } as const

export const webhook: Notifier<Target> = {
  key: 'webhook',
  field,
  describe: ({ webhook: url, format }, message) =>
    message.kind === 'news' ? { by: 'http', url: url ?? '', ...contents[format ?? 'json'](message) } : null,
}

type Contents = { headers: Record<string, string>; body: string }

const contents: Record<'slack' | 'discord' | 'ntfy' | 'json', (message: Message) => Contents> = {
  // Slack cuts a text at 40,000 characters; `<`, `>` and `&` are its markup.
  slack: (message) => {
    const text = `${icons[message.status]} *${slackText(message.title)}*\n${slackText(message.lines.join('\n'))}`
    return { headers: json, body: JSON.stringify({ text: cutTo(text, 30_000) }) }
  },
  // Discord refuses more than 2,000 characters; nobody is to be pinged by a name in a log line.
  discord: (message) => {
    const content = cutTo(`${icons[message.status]} **${message.title}**\n${message.lines.join('\n')}`, 2000)
    return { headers: json, body: JSON.stringify({ content, allowed_mentions: { parse: [] } }) }
  },
  // ntfy makes an attachment of what is longer than 4,096 bytes.
  ntfy: ({ title, status, lines }) => ({
    headers: {
      Title: headerText(title),
      Priority: priorities[status],
      Tags: status === 'ok' ? 'white_check_mark' : 'warning',
    },
    body: cutTo(lines.join('\n') || title, 1300),
  }),
  json: ({ hostname, status, title, lines, at }) => ({
    headers: json,
    body: JSON.stringify({ schema: 'oratio-health/notice@1', host: hostname, status, title, lines, at }),
  }),
}

const slackText = (text: string): string =>
  text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c)

/** Headers are Latin-1 and have no line breaks. */
const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
