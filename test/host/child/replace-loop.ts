// Replaces a file for ever: each time all of one letter, the next time of another length and letter.
import { replaceFile } from '../../../src/host/replace-file.ts'

const path = process.argv[2] ?? ''
const writer = { uid: process.getuid?.() ?? 0, pid: process.pid }
for (let turn = 0; ; turn++) {
  const letter = 'abcdefgh'[turn % 8] ?? ''
  const replaced = replaceFile(path, `${letter.repeat(20_000 + (turn % 8) * 10_000)}\n`, 0o640, writer)
  if (replaced.kind !== 'value') throw new Error(JSON.stringify(replaced))
  if (turn === 0) process.stdout.write('begun')
}
