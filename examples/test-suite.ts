/**
 * A test-suite integrator: each verified release runs `npm test` in a folder, and the result goes to stdout.
 *
 *   DEPLOY_HOOK_SECRET_KEY=my_secret_key node examples/test-suite.ts ../my-smoke-tests
 *
 * The suite finds the release in RELEASE_APP, RELEASE_VERSION, RELEASE_SHA, RELEASE_USER, RELEASE_SUMMARY, RELEASE_STAGE and
 * RELEASE_ENVIRONMENT. Suites of one app run one after another, those of different apps side by side. (POSIX only: it ends a
 * suite by its process group.)
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createReceiver, createVerifier, type VerifiedRelease } from 'deploy-hooks/verify'

const {
  PORT = '3000',
  HOOK_URL = 'http://localhost:3000/deploy',
  SUITE_LIMIT_MS = '600000',
  DEPLOY_HOOK_SECRET_KEY = '',
  ...suiteEnv // not the secret: a suite that holds it could forge releases
} = process.env
const [folder = '.'] = process.argv.slice(2)

/** The last suite of each app, running or queued. */
const queues = new Map<string, Promise<void>>()
/** A delivery whose answer got lost comes again, with the same key. */
const handled = new Set<string>()
const running = new Set<() => void>()

function enqueue(release: VerifiedRelease): void {
  const before = queues.get(release.app) ?? Promise.resolve()
  const suite = before.then(() => runSuite(release)).catch((error: unknown) => console.error(error))
  queues.set(release.app, suite)
}

async function runSuite(release: VerifiedRelease): Promise<void> {
  const name = `${release.app} ${release.version}`
  console.log(`${name}: running`)
  const startedAt = performance.now()
  // No shell: what a release is called must not become a command. Detached: `npm` and what it starts are one group.
  const suite = spawn('npm', ['test'], {
    cwd: folder,
    env: {
      ...suiteEnv,
      RELEASE_APP: release.app,
      RELEASE_VERSION: release.version,
      RELEASE_SHA: release.sha,
      RELEASE_USER: release.user,
      RELEASE_SUMMARY: release.summary,
      RELEASE_STAGE: release.stage ?? 'released',
      RELEASE_ENVIRONMENT: release.environment ?? '',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  })
  const kill = (): void => void (suite.pid !== undefined && process.kill(-suite.pid, 'SIGKILL'))
  running.add(kill)
  const limit = setTimeout(kill, Number(SUITE_LIMIT_MS))
  try {
    const [code]: (number | null)[] = await once(suite, 'exit')
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const result = code === 0 ? 'passed' : code === null ? 'stopped' : 'failed'
    console.log(`${name}: ${result} after ${seconds} s, exit code ${code}`)
  } finally {
    clearTimeout(limit)
    running.delete(kill)
  }
}

const receiver = createReceiver({
  verifier: createVerifier({ url: HOOK_URL, secret: DEPLOY_HOOK_SECRET_KEY }),
  seen: (key) => handled.has(key),
  onRelease: ({ release, key }) => {
    handled.add(key)
    enqueue(release) // not awaited: the controller waits 15 seconds for an answer, a suite takes longer
  },
  onRefused: ({ code }) => console.log(`refused: ${code}`),
})

const server = createServer(receiver.node)
server.listen(Number(PORT), () => console.log('listening', server.address()))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const kill of running) kill()
    process.exit()
  })
}
