// Prints what a scan comes to while no file descriptor is left, and what kind it is afterwards.
import { closeSync, openSync } from 'node:fs'
import { makeProcesses } from '../../../src/host/processes.ts'
import { liveBase } from '../../support/bases.ts'

const processes = makeProcesses(liveBase)
// The units of the machine are read first: the scan itself is to fail.
void processes.ticksPerSecond
const open: number[] = []
try {
  for (;;) open.push(openSync('/dev/null', 'r'))
} catch {
  // EMFILE: that is the point.
}
const without = processes.scan()
for (const fd of open) closeSync(fd)
process.stdout.write(JSON.stringify([without, processes.scan().kind]))
