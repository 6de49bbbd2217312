import { clip } from '../../core/escape.ts'
import { critical, type Examination, fine, warning } from './examination.ts'

export const config: Examination = {
  name: 'config',
  examine({ config: state, global }) {
    if (state.kind === 'invalid')
      return [
        critical(
          clip(state.error.message.split('\n')[0] ?? '', 300),
          state.error.mend ?? 'see all errors: oratio-health config validate',
        ),
      ]
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
