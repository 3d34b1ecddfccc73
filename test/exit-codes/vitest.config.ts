import type { ViteUserConfig } from 'vitest/config'
import project from '../../vitest.config.ts'

/** The project's own, with one test. */
const config: ViteUserConfig = {
  ...project,
  test: { ...project.test, include: ['test/exit-codes/on-purpose.ts'] },
}

export default config
