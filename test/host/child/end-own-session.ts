/** Ends one child and names its own session for newcomers, in which another child must live on. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { endProcessesChange } from '../../../src/host/end-processes.ts'
import { liveBase } from '../../support/bases.ts'

const fieldsOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')
const isAlive = (pid: number): boolean => {
  try {
    return fieldsOf(pid)[0] !== 'Z'
  } catch {
    return false
  }
}

const decoy = spawn('sleep', ['1000'], { stdio: 'ignore' }).pid ?? -1
const bystander = spawn('sleep', ['1000'], { stdio: 'ignore' }).pid ?? -1
const change = endProcessesChange(
  {
    kind: 'end-processes',
    processes: [{ pid: decoy, startTicks: Number(fieldsOf(decoy)[19]), words: 'decoy' }],
    newcomers: { sessions: [Number(fieldsOf(process.pid)[3])] },
    graceMs: 200,
    reason: 'a test',
  },
  liveBase,
  () => {},
)
change.perform().then(({ outcome }) => {
  console.log(JSON.stringify({ outcome, decoy: isAlive(decoy), bystander: isAlive(bystander) }))
  process.kill(bystander, 'SIGKILL')
})
