/** Ends one process as whoever runs this; prints the result as JSON. */
import { endProcessesChange } from '../../../src/host/end-processes.ts'
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
change.perform().then((result) => console.log(JSON.stringify(result)))
