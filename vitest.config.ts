import type { ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = {
  test: {
    // The SQLite store's threads strip types by WebAssembly. V8 13.6 crashes now and then when one of many threads compiles its wrappers anew.
    execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
    globalSetup: ['test/stores/postgres-setup.ts'],
    include: ['test/**/*.test.ts'],
    // A busy machine takes its time: what does not happen at all is told as well a little later.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
}

export default config
