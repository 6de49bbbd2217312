import type { ServiceFacts } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'
import { noFigures, notRunning } from './figures.ts'
import type { Ask, Asked } from './services.ts'

/** An engine needs some milliseconds to notice that a container has ended. */
const settleMs = 200

/**
 * A container or unit that ended between the answer of the engine or of systemd and the look at its processes is asked
 * for once more. One whose processes are gone again, with another start, keeps restarting, though it was called running
 * both times: that is its state, not something that could not be measured. The same start again without processes
 * is (another pid namespace, another machine).
 *
 * @param observe looks at the service in what was asked then
 */
export const lookAgain = async (
  host: Host,
  services: readonly ServiceFacts[],
  ask: Ask,
  observe: (service: ServiceFacts, asked: Asked) => ServiceFacts | null,
): Promise<ServiceFacts[]> => {
  const ended = services.filter(hasEndedMeanwhile)
  // A captured host is the same at the second look.
  if (ended.length === 0 || !host.live) return [...services]
  await host.timer(settleMs).done
  const asked = await ask((type) => ended.some(({ target }) => target.type === type))
  return services.flatMap((service) => {
    const again = ended.includes(service) ? observe(service, asked) : service
    if (again === null || again === service) return [service]
    if (hasEndedMeanwhile(again) && again.identity !== service.identity) return [restarting(again)]
    // Nobody named it, and it was removed when it ended.
    return again.state === 'missing' && !again.configured ? [] : [again]
  })
}

const hasEndedMeanwhile = ({ kind, state, memory, processes }: ServiceFacts): boolean =>
  kind !== 'process' &&
  (state === 'running' || state === 'starting') &&
  [memory, processes].some((reading) => reading.kind === 'failed' && reading.cause === 'vanished')

const restarting = (service: ServiceFacts): ServiceFacts => ({
  ...service,
  ...noFigures(notRunning),
  state: 'restarting',
  stateDetail: 'it ended while it was looked at, twice',
})
