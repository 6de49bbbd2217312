import { absent, value } from '../../src/core/reading.ts'
import type { ServiceFacts, ServiceMemory } from '../../src/core/service.ts'

export const serviceMemoryOf = (part: Partial<ServiceMemory> = {}): ServiceMemory => ({
  leakBytes: 0,
  usedBytes: 0,
  swapBytes: 0,
  limitBytes: null,
  limitAt: null,
  ...part,
})

/** A configured container that runs well. */
export const serviceFacts = (part: Partial<ServiceFacts> = {}): ServiceFacts => ({
  name: 'web',
  kind: 'container',
  target: { type: 'container', ref: 'web' },
  configured: true,
  state: 'running',
  stateDetail: '',
  identity: 'c0ffee:1',
  mainPid: 7,
  pids: [7],
  memory: value(serviceMemoryOf({ limitBytes: 1000, limitAt: '/docker/c0ffee' })),
  processes: value(1),
  openFiles: value(4),
  threads: value(2),
  restarts: value(0),
  uptimeSeconds: value(60),
  oomKills: absent('a count of OOM kills'),
  health: null,
  ...part,
})
