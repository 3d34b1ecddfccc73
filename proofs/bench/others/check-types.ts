/** Checks the types of the benchmarks, which need the libraries that they compare with. Says so when those are not installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

if (existsSync(new URL('node_modules', import.meta.url))) {
  const project = fileURLToPath(new URL('../tsconfig.json', import.meta.url))
  process.exitCode = spawnSync('tsc', ['--noEmit', '-p', project], { stdio: 'inherit' }).status ?? 1
} else {
  process.stdout.write(
    'The types of proofs/bench are not checked: that takes `npm ci --prefix proofs/bench/others`\n',
  )
}
