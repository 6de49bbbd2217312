import type { HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { critical, type Examination, fine, warning } from './examination.ts'

export const config: Examination = {
  name: 'config',
  examine({ config: state, global }) {
    if (state.kind === 'invalid') return [faultOf(state.error, global.config)]
    const { loaded } = state
    const warnings = loaded.warnings.map((text) => warning(text, 'see it: oratio-health config show'))
    if (loaded.path === null)
      return [
        fine(
          `no config at ${global.config ?? 'the usual place'}, the defaults stand and nothing is acted on`,
          'oratio-health init writes one from what runs here',
        ),
      ]
    const services = Object.keys(loaded.config.services).length
    return [
      fine(`${loaded.path} is valid, ${services} ${services === 1 ? 'service' : 'services'}`),
      ...warnings,
    ]
  },
}

/** The first error, which is the one to begin with; a mend of the loader's is of all of them and fits it by chance. */
const faultOf = ({ message, mend }: HealthError, named: string | null): Verdict => {
  const validate = `oratio-health config validate${named === null ? '' : ` ${named}`}`
  const [head = '', first] = message.split('\n')
  const count = Number(/^the config has (\d+) errors:$/.exec(head)?.[1] ?? 1)
  return count === 1 || first === undefined
    ? critical(clip(head, 300), mend ?? `see it: ${validate}`)
    : critical(`${clip(first, 300)}; and ${count - 1} more`, `see all of them: ${validate}`)
}
