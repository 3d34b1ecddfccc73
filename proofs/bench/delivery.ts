import { createDispatcher } from 'deploy-hooks'
import { createAgents, createClient } from './client-by-hand.ts'
import { closedLoop, type ClosedLoopOptions, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { createDeliveryByHand, type SendByHand } from './delivery-by-hand.ts'
import { deliver } from './delivered.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'

/** What each contestant does in a round. */
export interface DeliveryOptions extends ContestOptions, ClosedLoopOptions {}

const secret = 'a secret of the usual length, of 43 characters'

/** How many deliveries a second to a receiver in its own process, and how much CPU time of this process each takes. */
export async function measureDelivery(
  options: DeliveryOptions,
): Promise<readonly Standing<ThroughputFigure>[]> {
  const { inFlight } = options
  await using receiver = await startReceiver()
  const hookUrl = `${receiver.origin}/hooks/deploy`

  await using dispatcher = createDispatcher({
    hooks: [{ url: hookUrl, concurrency: inFlight }],
    secret,
    egress: { allow: ['127.0.0.1'] },
  })
  const nextRelease = createReleases('dispatched')

  using agents = createAgents()
  const client = createClient(agents)
  const send: SendByHand = async (url, headers) => (await client.post(url, { headers })).statusCode
  const deliverByHand = createDeliveryByHand({ hookUrl, secret, concurrency: inFlight, send })
  const nextByHand = createReleases('by-hand')
  const post = async (): Promise<void> => {
    const { statusCode } = await client.post(hookUrl)
    if (statusCode !== 200) throw new Error(`Expected 200, got ${statusCode}`)
  }

  const dispatched: Contestant<ThroughputFigure> = {
    name: 'deploy-hooks',
    does: '`dispatch()`, then `settled()`: one hook, memory store, default transport',
    measure: () => closedLoop(options, () => deliver(dispatcher, nextRelease())),
  }
  const byHand: Contestant<ThroughputFigure> = {
    name: 'by hand',
    does: 'the same request with got, createHmac, p-queue and p-retry; no record, no events',
    measure: () => closedLoop(options, () => deliverByHand(nextByHand())),
  }
  const bare: Contestant<ThroughputFigure> = {
    name: 'bare got',
    does: 'the same got instance, one fixed URL, no headers, no signature, no queue, no retry',
    measure: () => closedLoop(options, post),
  }
  return await contest([dispatched, byHand, bare], byHand, options)
}
