import {
  choice,
  duration,
  list,
  type Parsed,
  path,
  record,
  required,
  secret,
  text,
  variants,
} from '../../core/field.ts'
import { webAddress } from './text-forms.ts'

// Whoever knows such an address can post there, so it is a secret as a whole.
const target = variants('Who is told', {
  webhook: record('A POST request', {
    webhook: required(
      secret('Address', null, { ...webAddress, expects: 'an address such as https://example.org/hook' }),
    ),
    format: choice('What is sent', ['slack', 'discord', 'ntfy', 'json'], 'json'),
  }),
  ping: record("A dead man's switch, told of start, success and failure of each run", {
    ping: required(
      secret('Address', null, { ...webAddress, expects: 'an address such as https://example.org/ping/uuid' }),
    ),
  }),
  email: record("Mail through the host's sendmail", {
    email: required(
      text('Address', null, {
        pattern: /^[^\s@-][^\s@]*(@[^\s@]+)?$/,
        expects: 'an address such as ops@example.org',
      }),
    ),
  }),
  run: record('A command', { run: required(text('Shell text', null, { verbatim: true })) }),
})

export const notify = record('Who is told of changes', {
  remind: duration('A problem that stays is told again after', 21_600, { min: 60 }),
  targets: list('All are told', target),
})

export const metrics = record("Figures for Prometheus' node_exporter", {
  textfile: path('File to write', null, {
    pattern: /^\/.*\.prom$/,
    expects: 'an absolute path that ends in .prom, as node_exporter wants it',
  }),
})

export type NotifyTarget = Parsed<typeof target>
