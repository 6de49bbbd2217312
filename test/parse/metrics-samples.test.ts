import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MetricSample, parseSample, readSamples } from '../../src/parse/metrics-samples.ts'

const read = (line: string): [string, Record<string, string>, number] | null => {
  const sample = parseSample(line)
  return sample && [sample.name, Object.fromEntries(sample.labels), sample.value]
}

describe('parseSample', () => {
  it.each([
    ['a 1', ['a', {}, 1]],
    ['a{} 1.5e3', ['a', {}, 1500]],
    ['a{b="c",d="e",} -2 1700000000000', ['a', { b: 'c', d: 'e' }, -2]],
    ['a{ b = "c" } +Inf', ['a', { b: 'c' }, Number.POSITIVE_INFINITY]],
    ['a{b="\\"\\\\\\n{}, "} NaN', ['a', { b: '"\\\n{}, ' }, Number.NaN]],
    ['a{b=""} .5', ['a', { b: '' }, 0.5]],
  ])('takes %s', (line, sample) => expect(read(line)).toEqual(sample))

  it.each([
    ...['', '1', 'a', 'a ', 'a{', 'a{b', 'a{b=', 'a{b="', 'a{b="c"', 'a{b="c"}', 'a{b="c"} ', 'a{b="c"}1'],
    ...['a{b="c\\"} 1', 'a{b=c} 1', 'a{b="c" d="e"} 1', 'a{,} 1', 'a x', 'a 0x1', 'a 1 2 3', 'a 1 x', 'a 1e'],
  ])('refuses %j', (line) => expect(parseSample(line)).toBeNull())

  it('comes to an end with any text, and reads back what is written by the rules', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseSample(`a{${text}`)))
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
        expect(read(`a{b="${escaped}"} 1`)).toEqual(['a', { b: text }, 1])
      }),
    )
  })
})

describe('readSamples', () => {
  it('hands over what begins with the prefix, and names the first line of these that is none', () => {
    const taken: MetricSample[] = []
    const text = '# HELP x_a y\nx_a 1\nother {{{\nx_b 2\n'
    expect(readSamples(text, 'x_', (sample) => taken.push(sample))).toBeNull()
    expect(taken.map(({ name }) => name)).toEqual(['x_a', 'x_b'])
    expect(readSamples(`${text}x_c`, 'x_', () => {})).toBe(5)
  })

  it('takes time in proportion, whatever stands in a line of megabytes', () => {
    const from = performance.now()
    for (const unit of ['\\"', '{', 'a="b",', '\\', '"', '1 '])
      readSamples(`x_a{b="${unit.repeat(500_000)}`, 'x_', () => {})
    expect(performance.now() - from).toBeLessThan(10_000)
  })
})
