import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ViteUserConfig } from 'vitest/config'

// Threads of the SQLite store and processes of tests load TypeScript by themselves: with this, one of them strips a file of its types, and the
// others find it done. That halves what a thread costs, and takes two thirds off a process.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('node_modules/.cache/deploy-hooks-tests', import.meta.url),
)

const config: ViteUserConfig = {
  test: {
    // The SQLite store's threads strip types by WebAssembly. V8 13.6 crashes now and then when one of many threads compiles its wrappers anew.
    execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
    globalSetup: ['test/stores/postgres-setup.ts'],
    setupFiles: ['test/patience.ts'],
    include: ['test/**/*.test.ts'],
    // To load the packages anew for each file took two thirds of all the time. Modules of this project are loaded anew nevertheless.
    isolate: false,
    // Of three files, one or more wait.
    maxWorkers: availableParallelism() + 1,
    // A busy machine takes its time: what does not happen at all is told as well a little later.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
  },
}

export default config
