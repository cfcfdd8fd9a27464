import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/clients/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The tests wait for git and for servers more than they compute: two a core, and a third of the time is saved.
    maxWorkers: '200%',
  },
})
