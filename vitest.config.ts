import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/clients/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The tests wait for git and for servers as much as they compute.
    maxWorkers: '200%',
  },
})
