/**
 * A platform controller: tells the hooks given as arguments about a release, and prints what becomes of it.
 *
 *   DEPLOY_HOOK_SECRET_KEY=my_secret_key node examples/controller.ts http://localhost:3000/deploy
 */
import { createDispatcher } from 'deploy-hooks'

const { DEPLOY_HOOK_SECRET_KEY = '' } = process.env

// Ctrl-C closes the dispatcher: settled() then resolves at once, with what is not delivered yet as `waiting`.
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

await using dispatcher = createDispatcher({
  hooks: process.argv.slice(2),
  secret: DEPLOY_HOOK_SECRET_KEY,
  egress: { allow: ['localhost', '127.0.0.1'] }, // to try it: by default, only public addresses are sent to
  signal: interrupted.signal,
})

dispatcher.on('delivered', ({ hook, attempt }) => console.log(`${hook.url}: delivered, ${attempt.status}`))
dispatcher.on('retrying', ({ hook, attempt }) =>
  console.log(`${hook.url}: retrying, ${attempt.outcome.reason}`),
)
dispatcher.on('dead', ({ hook, outcome }) => console.log(`${hook.url}: dead, ${outcome.reason}`))

// Resolves as soon as the deliveries are recorded: a deploy goes on here, whatever the receivers do.
const dispatch = await dispatcher.dispatch({
  app: 'secure-woodland',
  version: 4,
  user: 'gabrtv',
  sha: '35b3726',
})
console.log(`released ${dispatch.release.app} ${dispatch.release.version}: ${dispatch.release.summary}`)

// A controller runs on and need not wait. This one ends with its release.
const deliveries = await dispatch.settled()
const delivered = deliveries.filter(({ state }) => state === 'delivered')
console.log(`${delivered.length} of ${deliveries.length} hooks know`)
process.exitCode = delivered.length === deliveries.length ? 0 : 1
