import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/fleet/**', 'node_modules/**'],
    // For a test that hangs: how long one takes that does not is the machine's affair, and the slowest takes half a minute.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Most of a test's time is waiting: for a process, a timer, a disk.
    maxWorkers: 3,
    globalSetup: ['test/global-setup.ts'],
  },
})
