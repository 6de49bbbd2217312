import { type Examination, fine, unknown } from './examination.ts'

/** The program that runs us, by /proc/self/exe: not any `node` of PATH. The launcher has refused too old ones already. */
export const node: Examination = {
  name: 'node',
  async examine({ host }) {
    if (!host.live) return []
    const path = host.processes.executable(host.pid)
    if (path.kind !== 'value') return [unknown('the running Node cannot be told', null)]
    const answer = await host.run([path.value, '--version'], { timeoutMs: 5000 })
    if (answer.kind !== 'value' || answer.value.exitCode !== 0)
      return [
        unknown(
          `${path.value} --version does not answer`,
          'it may have been replaced or removed: install Node again',
        ),
      ]
    return [fine(`${answer.value.stdout.trim()} at ${path.value}`)]
  },
}
