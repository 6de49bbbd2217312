import type { Failed } from '../../core/reading.ts'
import { failureWords } from '../../report/failure-words.ts'
import { critical, type Examination, fine, type Subject, unknown, warning } from './examination.ts'

/** The container engine's socket: is it there, may we, does it answer in time? */
export const engine: Examination = {
  name: 'engine',
  async examine(subject) {
    const { host } = subject
    const endpoint = await host.engine.endpoint()
    const containers = await host.engine.containers()
    const where = endpoint.kind === 'value' ? endpoint.value : 'the container engine'
    if (containers.kind === 'value') {
      const running = containers.value.filter(({ state }) => state === 'running').length
      const count = containers.value.length
      return [
        fine(`${where} answers: ${count} ${count === 1 ? 'container' : 'containers'}, ${running} running`),
      ]
    }
    const names = configuredContainers(subject)
    if (containers.kind === 'failed') return [judgeFailure(containers, names.length > 0)]
    return names.length === 0
      ? [fine('no container engine here')]
      : [
          critical(
            `no container engine was found, but the config has containers (${names.slice(0, 3).join(', ')})`,
            'start it (systemctl start docker), or set DOCKER_HOST to its socket in the crontab',
          ),
        ]
  },
}

const judgeFailure = (reading: Failed, isNeeded: boolean) => {
  const { why, mend } = failureWords(reading.cause, reading.what, reading.detail)
  const verdict = isNeeded ? critical : warning
  switch (reading.cause) {
    case 'denied':
      return verdict(`${why}: no container can be seen`, mend)
    case 'refused':
      return verdict(`${why}: the engine is not running`, 'systemctl start docker; its log says why it ended')
    // DOCKER_HOST names a socket that is not there.
    case 'vanished':
      return verdict(`there is no ${reading.what}`, 'start the engine, or correct DOCKER_HOST')
    case 'timeout':
      return critical(
        `${why}: the engine hangs`,
        'its log says more (journalctl -u docker); a restart of the engine frees it, and ends containers without live-restore',
      )
    default:
      return unknown(why, mend)
  }
}

const configuredContainers = ({ config }: Subject): string[] =>
  config.kind === 'invalid'
    ? []
    : Object.values(config.loaded.config.services).flatMap(({ target }) =>
        target.type === 'container' ? [target.ref] : [],
      )
