import { type Parsed, record, required, text } from '../core/field.ts'
import type { Notifier } from './notifier.ts'

const field = record('A command', { run: required(text('Shell text', null, { verbatim: true })) })

type Target = Parsed<typeof field>

/** The lines on its stdin; $STATUS, $TITLE and $HOSTNAME beside them. */
export const run: Notifier<Target> = {
  key: 'run',
  field,
  describe: ({ run: shell }, { kind, status, title, hostname, lines }) =>
    kind === 'news'
      ? {
          by: 'shell',
          run: shell ?? '',
          env: { STATUS: status, TITLE: title, HOSTNAME: hostname },
          input: `${lines.join('\n')}\n`,
        }
      : null,
}
