import { readFileSync } from 'node:fs'
import { recordResults } from './results.ts'

// record 'this host'|'the guest' OUTCOMES.json: what the replays of there came to goes into the page.
const [where = '', outcomes = ''] = process.argv.slice(2)
recordResults('docs/incidents.md', where, JSON.parse(readFileSync(outcomes, 'utf8')))
