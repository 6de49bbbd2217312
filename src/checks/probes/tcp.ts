import { answeredWell, notTried, type ProbeKind, type TcpProbe, unanswered } from './probe.ts'

/** A connection that is accepted. A listen queue accepts for a program that hangs: `http` or `jsonrpc` tell more. */
export const tcp: ProbeKind<TcpProbe> = {
  item: (probe) => `tcp ${probe.tcp}`,

  async ask({ host, timeoutMs }, probe) {
    // `[::1]:5432`, `db:5432`: the form is the config's (config/sections/probes.ts).
    const colon = probe.tcp.lastIndexOf(':')
    const name = probe.tcp.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
    const reading = await host.net.connect(name, Number(probe.tcp.slice(colon + 1)), timeoutMs)
    if (reading.kind === 'value') return answeredWell()
    // A port that is none; an answer, which could be malformed too, is not read.
    const isSendable = reading.kind === 'failed' && reading.cause !== 'malformed'
    return isSendable ? unanswered(reading) : notTried(reading)
  },
}
