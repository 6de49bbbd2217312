import { type Examination, fine, type Subject, warning } from './examination.ts'

export const permissions: Examination = {
  name: 'permissions',
  examine(subject) {
    if (!subject.host.live) return []
    if (subject.host.uid === 0) return [fine('runs as root, everything can be seen')]
    const lost = "other users' open files and programs cannot be seen, system units cannot be restarted"
    return actsOnUnits(subject)
      ? [
          warning(
            `not root: ${lost}, and the config has units to act on`,
            'run it as root, or from a crontab of root',
          ),
        ]
      : [fine(`not root: ${lost}`, 'run it as root to see all')]
  },
}

const actsOnUnits = ({ config }: Subject): boolean =>
  config.kind === 'loaded' &&
  Object.values(config.loaded.config.services).some(
    ({ target, features }) => target.type === 'unit' && (features.restart != null || features.limit != null),
  )
