import { exec } from './exec.ts'
import { http } from './http.ts'
import { jsonrpc } from './jsonrpc.ts'
import { log } from './log.ts'
import type { Probe, ProbeKind } from './probe.ts'
import { tcp } from './tcp.ts'

/** By its type, which is also its key in the config (config/sections/probes.ts). */
export const probeKinds: { readonly [T in Probe['type']]: ProbeKind<Extract<Probe, { type: T }>> } = {
  jsonrpc,
  http,
  tcp,
  exec,
  log,
}

export const probeKindOf = <P extends Probe>(probe: P): ProbeKind<P> =>
  probeKinds[probe.type] as unknown as ProbeKind<P>
