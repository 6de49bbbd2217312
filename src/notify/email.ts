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
    `Subject: ${headerWords(`[oratio-health] ${title}`)}`,
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

const headerWords = (words: string): string => {
  const short = words.slice(0, 200)
  if (/^[\x20-\x7e]*$/.test(short)) return short
  // An encoded word has at most 75 characters: 14 letters of four bytes each are 76 in base64 at most.
  const parts = [...short].reduce<string[]>((all, letter) => {
    const last = all.at(-1)
    if (last !== undefined && [...last].length < 10) all[all.length - 1] = last + letter
    else all.push(letter)
    return all
  }, [])
  return parts.map((part) => `=?UTF-8?Q?${quoted(part)}?=`).join('\n ')
}

/** RFC 2047, Q: each byte that is no letter or digit as `=XX`. */
const quoted = (part: string): string =>
  encodeURIComponent(part)
    .replace(/[!'()*~._-]/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '=')
