/**
 * The drop-in for an existing Deis Workflow or Drycc installation: reads the variables that its controller reads, and
 * signs as it does, so that receivers need no change.
 *
 *   DEIS_DEPLOY_HOOK_URLS=http://localhost:3000/deploy,https://ci.example.com/deis \
 *   DEIS_DEPLOY_HOOK_SECRET_KEY=my_secret_key \
 *   DEPLOY_HOOK_ALLOW=localhost \
 *   node examples/from-environment.ts
 *
 * DEPLOY_HOOK_ALLOW names receivers that are not public: those of a cluster, for instance. DEPLOY_HOOK_PROXY is a proxy for all hooks; without
 * it HTTPS_PROXY and HTTP_PROXY are read, and NO_PROXY. DRYCC_DEPLOY_HOOK_* is read too. A new installation sets DEPLOY_HOOK_*, which signs
 * with SHA-256.
 */
import { createDispatcher, hooksFromEnv } from 'deploy-hooks'

const configured = hooksFromEnv()
console.log(`${configured.hooks.length} hooks, ${configured.algorithm}, dialect ${configured.dialect}`)

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

await using dispatcher = createDispatcher({ ...configured, signal: interrupted.signal })
dispatcher.on('attempt', ({ hook, attempt }) => {
  console.log(`${hook.url}: ${attempt.outcome.kind}, ${attempt.outcome.reason}`)
})

const dispatch = await dispatcher.dispatch({
  app: 'secure-woodland',
  version: 4,
  user: 'gabrtv',
  sha: '35b3726',
})
await dispatch.settled()
