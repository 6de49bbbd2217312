import { failureWords } from '../../report/failure-words.ts'
import { critical, type Examination, fine, type Subject, unknown } from './examination.ts'

export const systemd: Examination = {
  name: 'systemd',
  async examine(subject) {
    const units = await subject.host.systemd.units()
    if (units.kind === 'value') return [fine(`answers, service units: ${units.value.length}`)]
    if (units.kind === 'failed') {
      const { why, mend } = failureWords(units.cause, units.what, units.detail)
      return [unknown(`the units cannot be listed: ${why}`, mend)]
    }
    return hasUnits(subject)
      ? [critical('does not run here, but the config has units', 'take the unit: services out of the config')]
      : [fine('does not run here')]
  },
}

const hasUnits = ({ config }: Subject): boolean =>
  config.kind === 'loaded' &&
  Object.values(config.loaded.config.services).some(({ target }) => target.type === 'unit')
