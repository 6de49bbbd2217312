import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { type Examination, fine, type Subject, warning } from './examination.ts'

export const permissions: Examination = {
  name: 'permissions',
  async examine(subject) {
    if (!subject.host.live) return []
    if (subject.host.uid === 0) return [await seenByRoot(subject.host)]
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

/** Root in a container has not all that root may: of other users' processes, and of init, it may not see what they have open. */
const seenByRoot = async (host: Host): Promise<Verdict> => {
  const blind = (await host.tree()).openFiles().look()
  return blind === null
    ? fine('runs as root, everything can be seen')
    : warning(
        `runs as root, but ${blind}: cleanup-tmp removes nothing that is to stay while it is open`,
        'give it CAP_SYS_PTRACE (docker run --cap-add SYS_PTRACE), or schedule it on the host around this container',
      )
}

const actsOnUnits = ({ config }: Subject): boolean =>
  config.kind === 'loaded' &&
  Object.values(config.loaded.config.services).some(
    ({ target, features }) => target.type === 'unit' && (features.restart != null || features.limit != null),
  )
