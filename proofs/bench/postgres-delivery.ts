import { createDispatcher, type Transport } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { undiciTransport } from 'deploy-hooks/undici'
import { Pool } from 'undici'
import { BossByHand } from './boss-by-hand.ts'
import { createAgents, createClient } from './client-by-hand.ts'
import { closedLoop, type ClosedLoopOptions, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { deliver } from './delivered.ts'
import type { SendByHand } from './delivery-by-hand.ts'
import { startPostgres } from '../shared/postgres-server.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'

export interface PostgresDeliveryOptions extends ContestOptions, ClosedLoopOptions {
  /** Each release is one delivery to each of them. */
  readonly hooks: number
}

/** As far as what is recorded by hand runs ahead of what is sent, about. */
const manyInFlight = 256
const secret = 'a secret of the usual length, of 43 characters'

/** How many deliveries a second one process does with a database that is on another's disk, beside the same on pg-boss by hand. */
export async function measurePostgresDelivery(
  options: PostgresDeliveryOptions,
): Promise<readonly Standing<ThroughputFigure>[]> {
  const { hooks, inFlight, deliveries } = options
  await using server = await startPostgres()
  await using receiver = await startReceiver()
  await using pool = closing(new Pool(receiver.origin, { connections: inFlight }))
  using agents = createAgents()
  const got = createClient(agents)
  const hookUrls = Array.from({ length: hooks }, (_, hook) => `${receiver.origin}/hooks/${hook}`)
  const { connectionString } = server

  await using stack = new AsyncDisposableStack()
  const stored = (name: string, callers: number, transport?: Transport): Contestant<ThroughputFigure> => {
    const schema = `stored_with_${transport === undefined ? 'got' : 'undici'}_${callers}`
    const store = stack.use(postgresStore({ connectionString, schema }))
    const dispatcher = stack.use(
      createDispatcher({
        hooks: hookUrls.map((url) => ({ url, concurrency: inFlight / hooks })),
        secret,
        egress: { allow: ['127.0.0.1'] },
        store,
        transport,
      }),
    )
    const next = createReleases('dispatched')
    const loop = { deliveries, inFlight: callers / hooks }
    const does = `\`dispatch()\`, then \`settled()\`: ${callers} at a time`
    return { name, does, measure: () => closedLoop(loop, () => deliver(dispatcher, next()), hooks) }
  }
  const byHand = async (
    name: string,
    does: string,
    queue: string,
    send: SendByHand,
  ): Promise<Contestant<ThroughputFigure>> => {
    const boss = stack.use(
      await BossByHand.start({ connectionString, queue, hookUrls, secret, inFlight, send }),
    )
    const next = createReleases('by-hand')
    const all = (): Promise<void> => boss.deliver(Array.from({ length: deliveries / hooks }, next))
    return { name, does, measure: () => closedLoop({ deliveries, inFlight: 1 }, all, deliveries) }
  }
  const withGot = stored('deploy-hooks, got', inFlight)
  const manyWithGot = stored('', manyInFlight)
  const withUndici = stored('deploy-hooks, undici', inFlight, undiciTransport())
  const manyWithUndici = stored('', manyInFlight, undiciTransport())
  const gotByHand = await byHand(
    'pg-boss by hand, got',
    `batches of ${inFlight}; what is recorded runs ahead`,
    'got',
    async (url, headers) => {
      return (await got.post(url, { headers })).statusCode
    },
  )
  const undiciByHand = await byHand('pg-boss by hand, undici', 'the same', 'undici', async (url, headers) => {
    const path = url.slice(receiver.origin.length)
    const { statusCode, body } = await pool.request({ method: 'POST', path, headers })
    await body.dump()
    return statusCode
  })
  return await contest(
    [withGot, manyWithGot, gotByHand, withUndici, manyWithUndici, undiciByHand],
    gotByHand,
    options,
  )
}

function closing(pool: Pool): Pool & AsyncDisposable {
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.close() })
}
