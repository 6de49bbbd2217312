// Prints what an ordinary user gets for each path: text, list and folder size.
import { makeFiles } from '../../../src/host/files.ts'
import { liveBase } from '../../support/bases.ts'

const files = makeFiles(liveBase)
const read = (path: string) => ({
  text: files.readText(path),
  list: files.list(path),
  size: files.folderSize(path, { maxEntries: 1000, maxMs: 10_000 }),
})
process.stdout.write(JSON.stringify(process.argv.slice(2).map(read)))
