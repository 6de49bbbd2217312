import { writeFileSync } from 'node:fs'
import { captureHost } from './capture-host.ts'
import { electronCash } from './electron-cash.ts'
import { indexer } from './indexer.ts'
import { fromScript, isGuest, openPlace } from './place.ts'
import { polymarketBot } from './polymarket-bot.ts'
import { type Outcome, perform, type Replay } from './replay.ts'
import { resultTable } from './results.ts'
import { tradingService } from './trading-service.ts'

/** One line an incident. */
const replays: readonly Replay[] = [electronCash, captureHost, indexer, tradingService, polymarketBot]

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const asked = process.argv.slice(2)
const unknown = asked.filter((word) => !replays.some(({ name, letter }) => word === name || word === letter))
if (unknown.length > 0) {
  print(
    `there is no replay ${unknown.join(', ')}: ${replays.map(({ letter, name }) => `${letter} ${name}`).join(', ')}`,
  )
  process.exit(64)
}
const chosen = replays
  .filter(({ needsGuest }) => isGuest || !needsGuest)
  .filter(({ name, letter }) => asked.length === 0 || asked.includes(name) || asked.includes(letter))

if (chosen.length === 0) {
  print(`${asked.join(', ')}: only in the guest, none of it here`)
  process.exit(3)
}

// A whole host is one place for all, so there they take turns.
const outcomes: Outcome[] = []
const play = async (replay: Replay): Promise<void> => {
  outcomes.push(await perform(replay, openPlace, print))
  // For whoever started this and records them, also when a later one never ends.
  writeFileSync(fromScript('ORATIO_INCIDENTS_OUTCOMES'), JSON.stringify(outcomes))
}
if (isGuest) for (const replay of chosen) await play(replay)
else await Promise.all(chosen.map(play))

print(`\n${resultTable(outcomes)}`)
process.exitCode = outcomes.every(({ failure }) => failure === null) ? 0 : 1
