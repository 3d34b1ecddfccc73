/**
 * A tiny platform: its users get a URL that deploys. A call of it starts a deployment, and how that ended is told to a hook.
 *
 *   node examples/triggers.ts https://hooks.example.com/deploy
 *   curl -X POST http://127.0.0.1:3000/hooks/dht_…
 */
import { createServer } from 'node:http'
import { createDispatcher } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { createTriggers } from 'deploy-hooks/triggers'
import * as z from 'zod'

const { PORT = '3000', STORE = 'platform.db', DEPLOY_HOOK_SECRET_KEY = '', DEPLOY_MS = '2000' } = process.env
const [hook = 'http://127.0.0.1:8080/deploy'] = process.argv.slice(2)

const store = sqliteStore({ path: STORE })
const dispatcher = createDispatcher({
  hooks: [{ url: hook, after: ['succeeded', 'failed'] }],
  secret: DEPLOY_HOOK_SECRET_KEY,
  store,
  egress: { allow: ['127.0.0.1'] },
})

let version = 0
const triggers = createTriggers({
  store,
  publicUrl: `http://127.0.0.1:${PORT}/hooks`,
  params: { branch: z.string() },
  debounce: { quietMs: 500, maxWaitMs: 5000 }, // fifty publishes of a CMS are one deployment
  onTrigger: ({ app, environment, facts, deploymentId }) => {
    version += 1
    console.log(`deploying ${app} v${version} to ${environment}: ${facts.branch}`)
    setTimeout(() => void ended({ app, environment, deployment: deploymentId, version }), Number(DEPLOY_MS))
    return { id: `v${version}`, url: `http://127.0.0.1:${PORT}/apps/${app}` }
  },
})

interface Ended {
  readonly app: string
  readonly environment: string | undefined
  readonly deployment: string
  readonly version: number
}

/** The deployment's id goes on with the release: a platform that calls itself by it is stopped. */
async function ended({ deployment, ...release }: Ended): Promise<void> {
  await triggers.finished(deployment, 'succeeded')
  await dispatcher.dispatch({ ...release, deployment, user: 'trigger', stage: 'succeeded' })
  console.log(`${release.app} v${release.version} is live`)
}

const { url } = await triggers.create({
  app: 'web',
  environment: 'production',
  branch: 'main',
  params: ['branch'],
})
const server = createServer((request, response) => void triggers.node(request, response))
server.listen(Number(PORT), '127.0.0.1', () => console.log(`curl -X POST ${url}`))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    server.close()
    await triggers.close()
    await dispatcher.close()
    await store.close()
    process.exit()
  })
}
