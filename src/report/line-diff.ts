/**
 * What changes between two texts of lines, as `-old` and `+new`, without context; empty when they are the same. Lines
 * are told apart by what they say, not by where: enough for files of one setting a line.
 */
export const lineDiff = (before: string | null, after: string | null): string[] => {
  const [old, fresh] = [linesIn(before), linesIn(after)]
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `-${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ]
}

const linesIn = (text: string | null): string[] => (text ?? '').split('\n').filter((line) => line !== '')
