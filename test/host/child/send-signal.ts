/** Signals as another user, or in a pid namespace of its own; prints the outcome as JSON. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { sendSignal } from '../../../src/host/signal.ts'
import { loadPidfds } from '../../../src/host/syscalls.ts'
import { liveBase } from '../../support/bases.ts'

const [task, how, pid, startTicks] = process.argv.slice(2)

const ticksOf = (one: number): number =>
  Number(readFileSync(`/proc/${one}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[19])

const sleeper = (): ChildProcess & { pid: number } =>
  spawn('sleep', ['1000'], { stdio: 'ignore' }) as ChildProcess & { pid: number }

const end = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Until the same pid is given out again; a thread of Node's may take it in between. */
const reused = async () => {
  const pidfds = how === 'pid' ? null : await loadPidfds()
  if (how === 'pidfd' && pidfds === null) throw new Error('no pidfds here')
  const first = sleeper()
  const identity = { pid: first.pid, startTicks: ticksOf(first.pid) }
  await end(first)
  const uptimeTicks = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100
  while (uptimeTicks() <= identity.startTicks + 2) await new Promise((resolve) => setTimeout(resolve, 5))
  for (let attempt = 0; attempt < 100; attempt++) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(identity.pid - 1))
    const second = sleeper()
    const samePid = second.pid === identity.pid
    const answer = samePid ? sendSignal(liveBase, identity, 'SIGKILL', pidfds) : null
    // A signal would have been delivered by the time its state is read.
    const alive = samePid && !/\) [ZX]/.test(readFileSync(`/proc/${second.pid}/stat`, 'utf8'))
    await end(second)
    if (samePid) return { samePid, answer, alive }
  }
  return { samePid: false }
}

const one = async () => {
  const pidfds = how === 'pid' ? null : await loadPidfds()
  return sendSignal(liveBase, { pid: Number(pid), startTicks: Number(startTicks) }, 'SIGKILL', pidfds)
}

;(task === 'reused' ? reused() : one()).then((outcome) => console.log(JSON.stringify(outcome)))
