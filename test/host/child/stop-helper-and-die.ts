// Starts a helper of a sweep, stops it, so that only the kernel can end it, and is killed. argv: the folder, the helper's file.
import { readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import { startHelper } from '../../../src/host/sweep-crew.ts'
import { inodeOf } from '../../../src/host/walk-tree.ts'
import { sweepOrder } from '../../support/sweep-order.ts'

const [root = '', file = ''] = process.argv.slice(2)

const childPid = (): number => {
  const isOurs = (pid: string): boolean => {
    try {
      return (
        / (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) ./s, ''))?.[1] ===
        `${process.pid}`
      )
    } catch {
      return false
    }
  }
  return Number(readdirSync('/proc').find((name) => /^\d+$/.test(name) && isOurs(name)))
}

const helper = startHelper({ order: sweepOrder(root), rootInode: inodeOf(statSync(root)) }, file)
const waitUntilReady = async (): Promise<void> => {
  while (helper !== null && !helper.isReady() && !helper.isOver())
    await new Promise((resolve) => setTimeout(resolve, 5))
}
void waitUntilReady().then(() => {
  const pid = childPid()
  process.kill(pid, 'SIGSTOP')
  writeSync(1, `${pid}`)
  process.kill(process.pid, 'SIGKILL')
})
