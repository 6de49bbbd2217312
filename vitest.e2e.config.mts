import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    // cron's finest grain is a minute; engines and machines answer late on a busy host.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // The engine and the machine are shared, and cron is one a host: one file at a time.
    fileParallelism: false,
  },
})
