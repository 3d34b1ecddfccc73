/**
 * The dispatcher of the demo, in a process of its own, on the store file STORE. With a RELEASE it dispatches it; without
 * one it goes on with what the file holds. HOOKS are its hooks as JSON, HOOK_SECRET is their secret. It tells its parent
 * what happens, stops well when its parent says so, and ends when its parent is gone.
 */
import { createDispatcher } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import type { News } from './dispatcher-process.ts'
import { inSeconds, outcomeOf, reasonOf } from './in-words.ts'

const { STORE = '', HOOKS = '[]', HOOK_SECRET = '', RELEASE } = process.env
const tell = (news: News): void => void process.send?.(news)

process.once('disconnect', () => process.exit())
const store = sqliteStore({ path: STORE })
if (RELEASE === undefined) {
  const { deliveries } = await store.list({ state: 'waiting' }, { limit: 100 })
  tell({ kind: 'started', text: `goes on with ${deliveries.map(({ hookId }) => hookId).join(', ')}` })
}

// Its schedule is one of seconds: the default one goes on for 22 hours.
const dispatcher = createDispatcher({
  hooks: JSON.parse(HOOKS),
  secret: HOOK_SECRET,
  egress: { allow: ['127.0.0.1'] }, // by default, only public addresses are sent to
  store,
  retry: {
    delaysMs: [1500, 1000, 1000],
    connect: { retries: 2, minTimeout: 100, maxTimeout: 200, factor: 2 },
  },
  logger: { warn() {}, error: (message, fields) => console.error(message, fields) }, // what it warns of, the events tell
})
dispatcher.on('delivered', ({ hook: { id: hook }, attempt }) => {
  const text = `${hook}: delivered by attempt ${attempt.number}, ${reasonOf(attempt)}`
  tell({ kind: 'delivered', hook, text })
})
dispatcher.on('retrying', ({ hook: { id: hook }, attempt }) => {
  const next = `next in ${inSeconds(attempt.outcome.at - attempt.endedAt)}`
  const text = `${hook}: attempt ${attempt.number} failed, ${reasonOf(attempt)}; ${next}`
  tell({ kind: 'retrying', hook, text })
})
dispatcher.on('dead', ({ hook: { id: hook }, delivery, outcome }) => {
  const text = `${hook}: ${outcomeOf(delivery)} after ${delivery.attempts} attempts, ${outcome.reason}`
  tell({ kind: 'dead', hook, text })
})

process.once('message', async () => {
  await dispatcher.close()
  await store.close()
  process.disconnect()
})

// dispatch() resolves once the deliveries are in the file: the deploy goes on, whatever becomes of receivers and processes.
if (RELEASE !== undefined) {
  const { release, deliveries } = await dispatcher.dispatch(JSON.parse(RELEASE))
  const text = `released ${release.app} ${release.version} to ${deliveries.length} hooks, and recorded:`
  tell({ kind: 'recorded', text, ids: Object.fromEntries(deliveries.map(({ hookId, id }) => [hookId, id])) })
}
