/** Ends one process as whoever runs this; prints the result as JSON, and whether it was thought to be possible. */
import { endProcessesChange } from '../../../src/host/end-processes.ts'
import { maySignal } from '../../../src/host/signal.ts'
import { liveBase } from '../../support/bases.ts'

const [pid, startTicks] = process.argv.slice(2).map(Number)

const change = endProcessesChange(
  {
    kind: 'end-processes',
    processes: [{ pid: pid ?? -1, startTicks: startTicks ?? -1, words: 'one' }],
    newcomers: { sessions: [] },
    graceMs: 0,
    reason: 'a test',
  },
  liveBase,
  () => {},
)
const may = maySignal(liveBase, pid ?? -1)
change.perform().then((result) => console.log(JSON.stringify({ ...result, may })))
