import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeControl } from '../../src/core/escape.ts'
import { fitMiddle, fitText, padText, textWidth, wrapText } from '../../src/report/width.ts'

describe('textWidth', () => {
  it.each([
    ['', 0],
    ['memory 96%', 10],
    ['█░ – … → é', 10],
    ['e\u0301', 1],
    ['漢字', 4],
    ['カタカナ', 8],
    ['ｶﾀｶﾅ', 4],
    ['한국어', 6],
    ['Ａ', 2],
    ['🔥', 2],
    ['❤\ufe0f', 2],
    ['👍🏽', 4],
    ['a\u200bb', 2],
    ['soft\u00adhyphen', 11],
    ['Привет', 6],
    ['عربى', 4],
  ])('%j takes %i cells', (text, cells) => {
    expect(textWidth(text)).toBe(cells)
  })
})

describe('fitText', () => {
  it.each([
    ['electron-cash', 13, 'electron-cash'],
    ['electron-cash', 12, 'electron-ca…'],
    ['漢字漢字', 8, '漢字漢字'],
    ['漢字漢字', 7, '漢字漢…'],
    ['漢字漢字', 6, '漢字…'],
    ['a\u001bb', 6, 'a\\x1bb'],
    ['a\u001bb', 5, 'a\\x1…'],
    ['x', 0, ''],
    ['xy', 1, '…'],
  ])('%j in %i cells is %j', (text, cells, fitted) => {
    expect(fitText(text, cells)).toBe(fitted)
  })

  it('is never wider than asked, and whole when it fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(40), (text, cells) => {
        const fitted = fitText(text, cells)
        expect(textWidth(fitted)).toBeLessThanOrEqual(cells)
        if (textWidth(escapeControl(text)) <= cells) expect(fitted).toBe(escapeControl(text))
      }),
    )
  })
})

describe('fitMiddle', () => {
  it.each([
    ['compose-shop-web-12', 19, 'compose-shop-web-12'],
    ['compose-shop-web-12', 14, 'compose-…eb-12'],
    ['/var/lib/docker/abc/shm', 16, '/var/lib/…bc/shm'],
    ['漢字漢字漢字', 9, '漢字漢…字'],
    ['abcdefgh', 7, 'abcdef…'],
  ])('%j in %i cells is %j', (text, cells, fitted) => {
    expect(fitMiddle(text, cells)).toBe(fitted)
  })

  it('is never wider than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(40), (text, cells) => {
        expect(textWidth(fitMiddle(text, cells))).toBeLessThanOrEqual(cells)
      }),
    )
  })
})

describe('padText', () => {
  it('counts cells, not characters', () => {
    expect(padText('漢字', 6)).toBe('漢字  ')
    expect(padText('9%', 4, 'right')).toBe('  9%')
    expect(padText('long', 2)).toBe('long')
  })
})

describe('wrapText', () => {
  it('breaks between words, and words that are longer than a line', () => {
    expect(wrapText('memory 96% of 8.0 GiB', 10)).toEqual(['memory 96%', 'of 8.0 GiB'])
    expect(wrapText('/a/very/long/path here', 8)).toEqual(['/a/very/', 'long/pat', 'h here'])
  })

  it('leaves the first line empty when nothing fits behind what is there', () => {
    expect(wrapText('— restart it', 20, 18)).toEqual(['—', 'restart it'])
    expect(wrapText('restart it', 20, 18)).toEqual(['', 'restart it'])
    expect(wrapText('restart it', 20, 25)).toEqual(['', 'restart it'])
  })

  it('loses nothing and keeps within the width', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.integer({ min: 2, max: 40 }),
        fc.nat(50),
        (text, cells, used) => {
          const lines = wrapText(text, cells, used)
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(cells)
          expect(textWidth(lines[0] ?? '')).toBeLessThanOrEqual(Math.max(0, cells - used))
          expect(lines.join('').replaceAll(' ', '')).toBe(escapeControl(text).replaceAll(' ', ''))
        },
      ),
    )
  })
})
