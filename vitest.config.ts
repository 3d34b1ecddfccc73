import type { ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = {
  test: {
    globalSetup: ['test/stores/postgres-setup.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
}

export default config
