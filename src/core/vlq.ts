const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * Whole numbers as text: the difference to the one before, five bits a character, as source maps have it. A series that
 * moves little takes 2 or 3 characters a number. Exact for safe integers.
 */
export const packNumbers = (numbers: readonly number[]): string => {
  let text = ''
  let before = 0
  for (const number of numbers) {
    text += packOne(number - before)
    before = number
  }
  return text
}

const packOne = (difference: number): string => {
  // The sign is the lowest bit. No bit operators: they would cut at 32 bits.
  let rest = Math.abs(difference) * 2 + (difference < 0 ? 1 : 0)
  let text = ''
  do {
    const five = rest % 32
    rest = Math.floor(rest / 32)
    text += digits[rest > 0 ? five + 32 : five]
  } while (rest > 0)
  return text
}

export const unpackNumbers = (text: string): number[] => {
  const numbers: number[] = []
  let [before, sum, factor] = [0, 0, 1]
  for (const character of text) {
    const digit = digits.indexOf(character)
    sum += (digit % 32) * factor
    factor *= 32
    if (digit >= 32) continue
    before += sum % 2 === 1 ? -(sum - 1) / 2 : sum / 2
    numbers.push(before)
    ;[sum, factor] = [0, 1]
  }
  return numbers
}

/** Times that follow each other in a rhythm: the difference of the differences, mostly one character each. */
export const packTimes = (times: readonly number[]): string =>
  packNumbers(times.map((time, i) => time - (times[i - 1] ?? 0)))

export const unpackTimes = (text: string): number[] => {
  let time = 0
  return unpackNumbers(text).map((difference) => {
    time += difference
    return time
  })
}
