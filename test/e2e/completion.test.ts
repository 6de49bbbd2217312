import { expect, it } from 'vitest'
import { hasShell } from '../support/needs.ts'
// Here all of it runs: the packages of these shells are installed.
import '../completion.test.ts'

it.each(['zsh', 'fish'])('completion is asked of %s', (shell) => {
  expect(hasShell(shell)).toBe(true)
})
