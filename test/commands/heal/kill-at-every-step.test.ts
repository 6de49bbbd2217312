import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { check, type Daemon, type House, house, type Ran, ran } from '../../support/healing.ts'
import { seen } from '../../support/process-family.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const top = tempFolder('dying')
const program = bundle('../src/cli.ts', top)
const dyingCheck = bundle('support/dying-check.ts', top)

/** `calls`: at each system call that writes, which takes some minutes. */
const grain = process.env.OH_KILL_AT_EVERY_CALL === '1' ? 'calls' : 'steps'

/** A run that dies at its N-th point; with 0 it does not, and says how many it passed. */
const dieAt = ({ config, stateDir, logDir }: House, point: number): Promise<Ran> =>
  ran([process.execPath, dyingCheck, config, stateDir, logDir, `${point}`, grain])

// By its pid file alone: a daemon whose pid was lost would stay beside the next one.
const settings = ({ pidFile, start }: Daemon, crit: number, evidence = false) => ({
  pidfile: pidFile,
  processes: { crit },
  start,
  restart: { after: 1, grace: '100ms', limit: '50 per 24h', backoff: { after: 50 }, evidence },
})

interface Pair {
  place: House
  db: Daemon
  /** Depends on it. */
  front: Daemon
  configure(crit: number): void
}

const arrange = async (): Promise<Pair> => {
  const place = house(top)
  const db = place.daemon('db', { children: 1 })
  const front = place.daemon('front', { children: 0, obeys: true })
  await Promise.all([db.launch(), front.launch()])
  const configure = (crit: number) =>
    place.configure({ db: settings(db, crit, true), front: { ...settings(front, 1000), after: 'db' } })
  configure(1)
  return { place, db, front, configure }
}

const faultsOf = (place: House, { name, ...daemon }: Daemon, children: number): Record<string, boolean> => {
  const counted = place.state().restarts[name]?.memory.restartedAtMs.length ?? 0
  const started = daemon.everStarted().length - 1
  const told = place.ledger().filter((line) => line.includes(` ${name} restarted: `)).length
  return {
    [`${name}: ${daemon.mains().length} main processes`]: daemon.mains().length !== 1,
    [`${name}: ${daemon.children().length} children`]: daemon.children().length !== children,
    [`${name}: ${started} starts`]: started > 2,
    [`${name}: ${started} starts, ${counted} counted`]: counted < started,
    [`${name}: ${started} starts, ${told} told of`]: told < started,
  }
}

/** What is wrong after a run died at that point and another one followed; empty when nothing is. */
const faultsAfter = async (point: number): Promise<string[]> => {
  const { place, db, front, configure } = await arrange()
  const [first] = db.mains()
  const died = await dieAt(place, point)
  const begun = place.journal().length + (place.state().restarts.db?.memory.restartedAtMs.length ?? 0)
  configure(1000)
  const { services } = await check(program, place)
  await Promise.race([
    Promise.all([db.allRun(), front.allRun()]),
    new Promise((resolve) => setTimeout(resolve, 30_000)),
  ])
  const startedAt = ({ mains }: Daemon): number => seen(mains()[0] ?? -1)?.startTicks ?? -1
  const isNew = db.mains()[0] !== first
  const faults = {
    [`it did not die: ${died.code} ${died.stderr}`]: died.code !== 'SIGKILL',
    ...faultsOf(place, db, 1),
    ...faultsOf(place, front, 0),
    'nothing was begun, and another one runs': begun === 0 && isNew,
    'what depends on it was not restarted after it': isNew && startedAt(front) <= startedAt(db),
    'one is unfinished in the journal': place.journal().length > 0,
    'a lock is held': readdirSync(place.stateDir).some((name) => /^check\.lock/.test(name)),
    [`${services.db?.action?.reason}, ${services.front?.action?.reason}`]:
      services.db?.action?.outcome === 'failed' || services.front?.action?.outcome === 'failed',
  }
  await place.end()
  return Object.entries(faults).flatMap(([words, is]) => (is ? [`point ${point}: ${words}`] : []))
}

const pointsOf = async (): Promise<number> => {
  const { place, db, front } = await arrange()
  const { stdout, stderr } = await dieAt(place, 0)
  expect(stderr).toBe('')
  expect([db, front].map((daemon) => daemon.everStarted().length)).toEqual([2, 2])
  return Number(/passed (\d+)/.exec(stdout)?.[1])
}

/** Much of a run is waiting: for the grace, and for the half second a start takes. */
const inParallel = async (points: number): Promise<string[]> => {
  const left = Array.from({ length: points }, (_, i) => i + 1)
  const found: string[] = []
  const work = async () => {
    for (let point = left.shift(); point !== undefined; point = left.shift())
      found.push(...(await faultsAfter(point)))
  }
  await Promise.all(Array.from({ length: 5 }, work))
  return found
}

it('kill -9 of a run leaves nothing half done, at whichever step', async () => {
  const points = await pointsOf()
  expect(points).toBeGreaterThan(40)
  console.log(`${points} points (${grain})`)
  expect(await inParallel(points)).toEqual([])
}, 900_000)
