import { type Parsed, record, required, text } from '../core/field.ts'
import { cutTo, type Message, type Notifier } from './notifier.ts'

const field = record("Mail through the host's sendmail", {
  email: required(
    text('Address', null, {
      pattern: /^[^\s@-][^\s@]*(@[^\s@]+)?$/,
      expects: 'an address such as ops@example.org',
    }),
  ),
})

type Target = Parsed<typeof field>

export const email: Notifier<Target> = {
  key: 'email',
  field,
  describe: ({ email: to }, message) =>
    message.kind === 'news' ? { by: 'mail', to: to ?? '', text: letter(to ?? '', message) } : null,
}

/** RFC 5322; the subject as RFC 2047 has it when it is not plain, so that no name can begin another header. */
const letter = (to: string, { title, lines, hostname, at }: Message): string =>
  [
    `To: ${to}`,
    `${subject}${headerWords(`[oratio-health] ${title}`)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    // Answers of machines to machines go round and round (RFC 3834).
    'Auto-Submitted: auto-generated',
    '',
    cutTo(lines.join('\n'), 100_000),
    '',
    `-- `,
    `oratio-health on ${hostname}, ${at}`,
    '',
  ].join('\n')

const subject = 'Subject: '

/** An encoded word has at most 75 characters, and a line with one at most 76 (RFC 2047, 2). */
const [wordLength, lineLength] = [75, 76]
const [opening, closing] = ['=?UTF-8?Q?', '?=']

const headerWords = (words: string): string => {
  // By letters, so that none is cut in two; what is half a letter already has no UTF-8.
  const letters = [...words].slice(0, 200).map((letter) => letter.replace(/\p{Surrogate}/u, '\ufffd'))
  const short = letters.join('')
  if (/^[\x20-\x7e]*$/.test(short) && !short.includes('=?')) return short
  const frame = opening.length + closing.length
  const parts = ['']
  for (const letter of letters) {
    const room = (parts.length === 1 ? lineLength - subject.length : wordLength) - frame
    const [last = '', bytes] = [parts.at(-1), quoted(letter)]
    // Each word stands for whole letters (RFC 2047, 5).
    if (last.length + bytes.length > room) parts.push(bytes)
    else parts[parts.length - 1] = last + bytes
  }
  return parts.map((part) => `${opening}${part}${closing}`).join('\n ')
}

/** RFC 2047, Q: each byte that is no letter or digit as `=XX`. */
const quoted = (letter: string): string =>
  encodeURIComponent(letter)
    .replace(/[!'()*~._-]/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '=')
