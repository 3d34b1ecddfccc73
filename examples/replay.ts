/**
 * The operator at 3 a.m.: what is in a controller's file, what is dead and why, and send it again. The controller may run
 * meanwhile: two processes share the file, and none sends what the other one is sending.
 *
 *   node examples/replay.ts deploy-hooks.db
 *
 *   export DEPLOY_HOOK_URLS=… DEPLOY_HOOK_SECRET_KEY=…   # as the controller has them
 *   node examples/replay.ts deploy-hooks.db dlv_330c6712ad2249d7ba8ed2b3be0f4c56
 *   node examples/replay.ts deploy-hooks.db --hook hook_bb1ee62bcd2f5fdf --since 2026-11-20T03:00:00Z --per-second 2
 */
import { existsSync } from 'node:fs'
import { inspect, parseArgs } from 'node:util'
import { createDispatcher, hooksFromEnv, type Delivery, type DeliveryQuery } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    hook: { type: 'string' },
    since: { type: 'string' },
    'per-second': { type: 'string', default: '5' },
  },
})
const [path = 'deploy-hooks.db', id] = positionals
if (!existsSync(path)) throw new Error(`Expected the file of a controller, got ${path}: it is not there.`)

await using store = sqliteStore({ path })
const isReplay = [id, values.hook, values.since].some((given) => given !== undefined)
await (isReplay ? replay(id ?? deadOf(values)) : show())

/** Reads only: a dispatcher without hooks sends nothing. */
async function show(): Promise<void> {
  await using dispatcher = createDispatcher({ hooks: [], store })
  for (const { hookId, state, count } of await dispatcher.counts())
    console.log(`${hookId} ${state}: ${count}`)
  for (const { hookId, enabled, reason } of await store.hookStates())
    if (!enabled) console.log(`${hookId} is disabled: ${reason}`)
  for await (const delivery of dispatcher.deliveries({ state: 'dead', replayed: false })) {
    console.log(`\n${inWords(delivery)}`)
    const last = (await dispatcher.attempts(delivery.id)).at(-1)
    if (last === undefined) continue
    const answer =
      last.status === undefined
        ? last.code
        : `${last.status} ${inspect(last.excerpt?.slice(0, 200), { breakLength: Infinity })}`
    console.log(`  last attempt at ${new Date(last.endedAt).toISOString()}: ${answer}`)
  }
}

/** Takes as long as the receiver does, a minute at most: what is not final then goes on in the controller. */
async function replay(target: string | DeliveryQuery): Promise<void> {
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  setTimeout(() => interrupted.abort(), 60_000).unref()
  await using dispatcher = createDispatcher({ ...hooksFromEnv(), store, signal: interrupted.signal })
  const { ids, settled } = await dispatcher.replay(target, { perSecond: Number(values['per-second']) })
  console.log(`${ids.length} deliveries to send again`)
  const deliveries = await settled()
  for (const delivery of deliveries) console.log(inWords(delivery))
  process.exitCode = deliveries.every(({ state }) => state === 'delivered') ? 0 : 1
}

function deadOf({ hook, since }: { readonly hook?: string; readonly since?: string }): DeliveryQuery {
  return { hook, since: since === undefined ? undefined : new Date(since) }
}

function inWords({ id, hookId, release, state, attempts, outcome, replayOf }: Delivery): string {
  const origin = replayOf === undefined ? '' : `, again for ${replayOf}`
  const verdict = outcome?.kind === 'dead' ? ` (${outcome.verdict})` : ''
  const reason = outcome === undefined ? '' : `, ${outcome.reason}`
  return `${id} ${hookId} ${release.app} ${release.version}: ${state}${verdict}, attempts: ${attempts}${reason}${origin}`
}
