import { type Parsed, record, required, secret } from '../core/field.ts'
import { webAddress } from '../core/text-forms.ts'
import { cutTo, type Notifier } from './notifier.ts'

const field = record("A dead man's switch, told of start, success and failure of each run", {
  ping: required(
    secret('Address', null, { ...webAddress, expects: 'an address such as https://example.org/ping/uuid' }),
  ),
})

type Target = Parsed<typeof field>

/**
 * As healthchecks.io has it: ADDRESS/start, ADDRESS, ADDRESS/fail, with the last lines as the body. A warning is no
 * failure of the run; what could not be measured is, as what is critical.
 */
export const ping: Notifier<Target> = {
  key: 'ping',
  field,
  describe({ ping: url }, { kind, status, title, lines }) {
    if (kind === 'news') return null
    const suffix = kind === 'start' ? '/start' : status === 'critical' || status === 'unknown' ? '/fail' : ''
    const body = kind === 'start' ? '' : cutTo([title, ...lines].join('\n'), 10_000)
    return { by: 'http', url: withPath(url ?? '', suffix), headers: { 'Content-Type': 'text/plain' }, body }
  },
}

/** Before a query, if there is one. */
const withPath = (url: string, suffix: string): string => {
  const [, base = url, query = ''] = /^([^?#]*)(.*)$/s.exec(url) ?? []
  return `${base.replace(/\/+$/, '')}${suffix}${query}`
}
