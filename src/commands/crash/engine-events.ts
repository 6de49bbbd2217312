import { parseEngineEvents } from '../../parse/crash/engine-events.ts'
import { addEvents, type CrashSource, lackOf, outcome } from './source.ts'

const maxMs = 2000
/** Podman 4 stops reading its own file of events at that instant, however far it is by then. */
const aheadMs = 500
const name = 'container engine (events)'

/** What the engine still knows of containers that died, were killed or ran out of memory, those removed since too. */
export const engineEventSource: CrashSource = async (gathering) => {
  const { host, sinceMs, nowMs, containerNames } = gathering
  const read = await host.engine.events(sinceMs / 1000, (nowMs + aheadMs) / 1000, maxMs)
  if (read.kind !== 'value') {
    const lack = lackOf(read)
    if (lack !== null) outcome(gathering, name, 0, true, lack)
    return
  }
  const { events, names, count } = parseEngineEvents(read.value.text)
  for (const [id, called] of names) if (!containerNames.has(id)) containerNames.set(id, called)
  addEvents(gathering, events)
  outcome(gathering, name, count, !read.value.truncated)
}
