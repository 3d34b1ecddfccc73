import http from 'node:http'
import https from 'node:https'
import { createDispatcher } from 'deploy-hooks'
import got from 'got'
import { contest, type ContestOptions, type Contestant, type Standing } from './contest.ts'
import { createDeliveryByHand } from './delivery-by-hand.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'

export interface DeliveryOptions extends ContestOptions {
  /** Deliveries of each contestant in a round. */
  readonly deliveries: number
  readonly inFlight: number
}

export type DeliveryFigure = 'perSecond' | 'cpuMicros'

const secret = 'a secret of the usual length, of 43 characters'

/** How many deliveries a second to a receiver in its own process, and how much CPU time of this process each takes. */
export async function measureDelivery(
  options: DeliveryOptions,
): Promise<readonly Standing<DeliveryFigure>[]> {
  const { inFlight } = options
  await using receiver = await startReceiver()
  const hookUrl = `${receiver.origin}/hooks/deploy`

  await using dispatcher = createDispatcher({ hooks: [{ url: hookUrl, concurrency: inFlight }], secret })
  const nextRelease = createReleases('dispatched')
  const dispatch = async (): Promise<void> => {
    const { settled } = await dispatcher.dispatch(nextRelease())
    const [delivery] = await settled()
    if (delivery?.state !== 'delivered') throw new Error('Expected the release to be delivered')
  }

  using agents = createAgents()
  const client = got.extend({
    agent: agents,
    retry: { limit: 0 },
    followRedirect: false,
    decompress: false,
    throwHttpErrors: false,
    timeout: { request: 15_000 },
  })
  const deliverByHand = createDeliveryByHand({ hookUrl, secret, concurrency: inFlight, client })
  const nextByHand = createReleases('by-hand')
  const post = async (): Promise<void> => {
    const { statusCode } = await client.post(hookUrl)
    if (statusCode !== 200) throw new Error(`Expected 200, got ${statusCode}`)
  }

  const dispatched: Contestant<DeliveryFigure> = {
    name: 'deploy-hooks',
    does: '`dispatch()`, then `settled()`: one hook, memory store, default transport',
    measure: () => deliverAll(options, dispatch),
  }
  const byHand: Contestant<DeliveryFigure> = {
    name: 'by hand',
    does: 'the same request with got, createHmac, p-queue and p-retry; no record, no events',
    measure: () => deliverAll(options, () => deliverByHand(nextByHand())),
  }
  const bare: Contestant<DeliveryFigure> = {
    name: 'bare got',
    does: 'the same got instance, one fixed URL, no headers, no signature, no queue, no retry',
    measure: () => deliverAll(options, post),
  }
  return await contest([dispatched, byHand, bare], byHand, options)
}

/**
 * A closed loop, the same for all: each of 64 workers starts its next delivery as soon as it knows that its last one
 * arrived.
 */
async function deliverAll(
  { deliveries, inFlight }: DeliveryOptions,
  deliver: () => Promise<void>,
): Promise<Record<DeliveryFigure, number>> {
  let left = deliveries
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await deliver()
    }
  }
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: inFlight }, worker))
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  return { perSecond: deliveries / seconds, cpuMicros: (cpu.user + cpu.system) / deliveries }
}

interface Agents extends Disposable {
  readonly http: http.Agent
  readonly https: https.Agent
}

/** As the default transport's: kept alive, the most recently used connection first. */
function createAgents(): Agents {
  const settings = { keepAlive: true, scheduling: 'lifo' } as const
  const agents = { http: new http.Agent(settings), https: new https.Agent(settings) }
  return {
    ...agents,
    [Symbol.dispose]() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}
