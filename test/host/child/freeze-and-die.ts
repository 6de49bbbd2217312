// Freezes the cgroup of a process and is killed before it thaws it. argv: its pid, its start ticks, the note.
import { makeForkStorm } from '../../../src/host/fork-storm.ts'
import { rosterOf } from '../../../src/host/roster.ts'

const [pid, startTicks, note = ''] = process.argv.slice(2)
const base = { root: '/', live: true, uid: 0, pid: process.pid, env: process.env, at: (path: string) => path }
const roster = rosterOf({
  kind: 'end-processes',
  processes: [{ pid: Number(pid), startTicks: Number(startTicks), words: 'test' }],
  newcomers: { sessions: [] },
  graceMs: 0,
  reason: 'a test',
})
const asked = { known: new Set([Number(pid)]), off: new Set<number>() }
makeForkStorm(base, { withOthers: false, note }).freezeAndKill(roster, asked, () =>
  process.kill(process.pid, 'SIGKILL'),
)
