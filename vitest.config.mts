import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/fleet/**', 'node_modules/**'],
    // A real engine or a slow machine answers late; no test waits this long when all is well.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of a test's time is waiting: for a process, a timer, a disk.
    maxWorkers: 3,
    globalSetup: ['test/global-setup.ts'],
  },
})
