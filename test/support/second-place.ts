import { readdirSync, rmdirSync, rmSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { secondPlaceOf } from '../../src/store/second-place.ts'
import { isRoot } from './needs.ts'

/** Takes away with the test what root keeps in /run of a state folder that could not be written. */
export const forgetSecondPlace = (stateDir: string): void =>
  onTestFinished(() => {
    const place = isRoot ? secondPlaceOf({ uid: 0, env: {}, now: Date.now }, stateDir) : null
    if (place === null) return
    try {
      for (const name of readdirSync(place.folder))
        if (name.startsWith(`${place.mark}-`)) rmSync(`${place.folder}/${name}`)
      rmdirSync(place.folder)
    } catch {
      // There is none, or another's is in it.
    }
  })
