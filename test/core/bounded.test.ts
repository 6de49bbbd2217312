import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapBounded } from '../../src/core/bounded.ts'

describe('mapBounded', () => {
  it('keeps order and never has more than the limit under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 })),
        fc.integer({ min: 1, max: 8 }),
        async (items, limit) => {
          let underWay = 0
          let most = 0
          const results = await mapBounded(items, limit, async (item) => {
            most = Math.max(most, ++underWay)
            for (let i = 0; i < item; i++) await Promise.resolve()
            underWay--
            return item * 2
          })
          expect(results).toEqual(items.map((item) => item * 2))
          expect(most).toBe(Math.min(limit, items.length))
        },
      ),
    )
  })

  it('rejects when the work does', async () => {
    const work = async () => {
      throw new Error('no')
    }
    await expect(mapBounded([1, 2], 1, work)).rejects.toThrow('no')
  })
})
