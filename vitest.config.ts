import type { ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = {
  test: {
    globalSetup: ['test/stores/postgres-setup.ts'],
    include: ['test/**/*.test.ts'],
    // A busy machine takes its time: what does not happen at all is told as well a little later.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
}

export default config
