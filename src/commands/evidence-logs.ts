import { clip } from '../core/escape.ts'
import type { Reading } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { CommandRecord, Host } from '../host/host.ts'
import type { EvidenceSection } from '../report/evidence-text.ts'

const [logMs, kernelMs] = [2500, 1200]
const lines = 200
const maxBytes = 256 * 1024
const sinceSeconds = 3600

/** The newest lines of the service's own log. */
export const logSection = async (host: Host, facts: ServiceFacts): Promise<EvidenceSection> => {
  if (facts.containerId !== undefined) return containerLog(host, facts.containerId)
  if (facts.kind === 'unit') return unitLog(host, facts)
  return { title: 'Log', note: 'a plain process has no log of its own that is known' }
}

const containerLog = async (host: Host, id: string): Promise<EvidenceSection> => {
  const title = `Log of the container, the last hour, at most ${lines} lines`
  const since = Math.floor(host.now() / 1000) - sinceSeconds
  // The newest: what a service said last is what is asked for.
  const log = await host.engine.logs(id, since, maxBytes, logMs, lines)
  if (log.kind !== 'value') return { title, note: reasonOf(log) }
  return { title, text: log.value.text, note: log.value.truncated ? 'there was more' : null }
}

const unitLog = async (host: Host, { target, name }: ServiceFacts): Promise<EvidenceSection> => {
  const unit = target.type === 'unit' ? target.ref : name
  const title = `Journal of ${unit}, its last ${lines} lines`
  const answer = await host.run(
    ['journalctl', `--unit=${unit}`, `--lines=${lines}`, '--no-pager', '--output=short-iso'],
    { timeoutMs: logMs, maxOutputBytes: maxBytes },
  )
  return sectionOf(title, answer)
}

/** What the kernel said of memory since the boot, if it is told in time. */
export const kernelSection = async (host: Host): Promise<EvidenceSection> => {
  const title = 'The kernel on memory'
  const journal = await host.run(
    ['journalctl', '--dmesg', '--boot', '--lines=2000', '--no-pager', '--output=short-iso'],
    { timeoutMs: kernelMs, maxOutputBytes: 4 * maxBytes },
  )
  const isTold = journal.kind === 'value' && journal.value.exitCode === 0 && journal.value.stdout !== ''
  const answer = isTold
    ? journal
    : await host.run(['dmesg'], { timeoutMs: kernelMs, maxOutputBytes: 4 * maxBytes })
  if (answer.kind !== 'value' || answer.value.exitCode !== 0) return sectionOf(title, answer)
  const told = answer.value.stdout.split('\n').filter((line) => ofMemory.test(line))
  return told.length === 0 ? { title, note: 'nothing' } : { title, text: told.slice(-lines).join('\n') }
}

const ofMemory = /oom|out of memory|killed process|page allocation failure|hung_task|blocked for more than/i

const sectionOf = (title: string, answer: Reading<CommandRecord>): EvidenceSection => {
  if (answer.kind !== 'value') return { title, note: reasonOf(answer) }
  const { exitCode, stdout, stderr, truncated } = answer.value
  if (exitCode !== 0) return { title, note: `ended with ${exitCode}: ${clip(stderr.trim(), 200)}` }
  return { title, text: stdout, note: truncated ? 'there was more' : null }
}

const reasonOf = (reading: Exclude<Reading<unknown>, { kind: 'value' }>): string =>
  reading.kind === 'failed' ? `${reading.what}: ${reading.detail}` : `there is no ${reading.what}`
