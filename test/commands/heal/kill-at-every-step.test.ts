import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { check, type Daemon, type House, house, type Ran, ran } from '../../support/healing.ts'
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
const settings = ({ pidFile, start }: Daemon, crit: number) => ({
  daemon: {
    pidfile: pidFile,
    processes: { crit },
    start,
    restart: { after: 1, grace: '100ms', limit: '50 per 24h', backoff: { after: 50 } },
  },
})

const arrange = async (): Promise<{ place: House; daemon: Daemon }> => {
  const place = house(top)
  const daemon = place.daemon('daemon')
  await daemon.launch()
  place.configure(settings(daemon, 1))
  return { place, daemon }
}

/** What is wrong after a run died at that point and two others followed; empty when nothing is. */
const faultsAfter = async (point: number): Promise<string[]> => {
  const { place, daemon } = await arrange()
  const [first] = daemon.mains()
  const died = await dieAt(place, point)
  const begun = place.journal().length + (place.state().restarts.daemon?.memory.restartedAtMs.length ?? 0)
  place.configure(settings(daemon, 1000))
  await check(program, place)
  const last = await check(program, place)
  await Promise.race([daemon.allRun(), new Promise((resolve) => setTimeout(resolve, 5000))])
  const counted = place.state().restarts.daemon?.memory.restartedAtMs.length ?? 0
  const started = daemon.everStarted().length - 1
  const told = place.ledger().filter((line) => /daemon restarted: /.test(line)).length
  const faults = {
    [`it did not die: ${died.code} ${died.stderr}`]: died.code !== 'SIGKILL',
    [`${daemon.mains().length} main processes`]: daemon.mains().length !== 1,
    [`${daemon.children().length} children`]: daemon.children().length !== 2,
    'nothing was begun, and another one runs': begun === 0 && daemon.mains()[0] !== first,
    'one is unfinished in the journal': place.journal().length > 0,
    [`${started} starts`]: started > 2,
    [`${started} starts, ${counted} counted`]: counted < started,
    [`${started} starts, ${told} told of`]: told < started,
    'a lock is held': readdirSync(place.stateDir).some((name) => /^check\.lock/.test(name)),
    [`${last.services.daemon?.status}`]: last.services.daemon?.status !== 'ok',
  }
  await place.end()
  return Object.entries(faults).flatMap(([words, is]) => (is ? [`point ${point}: ${words}`] : []))
}

const pointsOf = async (): Promise<number> => {
  const { place, daemon } = await arrange()
  const { stdout, stderr } = await dieAt(place, 0)
  expect(stderr).toBe('')
  expect(daemon.everStarted()).toHaveLength(2)
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
  expect(points).toBeGreaterThan(25)
  console.log(`${points} points (${grain})`)
  expect(await inParallel(points)).toEqual([])
}, 900_000)
