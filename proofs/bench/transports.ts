import http from 'node:http'
import { createDispatcher, type Transport } from 'deploy-hooks'
import { undiciTransport } from 'deploy-hooks/undici'
import { Pool } from 'undici'
import { createAgents, createClient } from './client-by-hand.ts'
import { closedLoop, type ClosedLoopOptions, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { createDeliveryByHand } from './delivery-by-hand.ts'
import { deliver } from './delivered.ts'
import { IncomingWebhook } from './others/slack.ts'
import { startReceiver } from './receiver.ts'
import { createReleases } from './releases.ts'

export interface TransportsOptions extends ContestOptions, ClosedLoopOptions {}

const secret = 'a secret of the usual length, of 43 characters'

/** Both transports under the dispatcher, beside bare clients, clients with the same work by hand, and Slack's own library. */
export async function measureTransports(
  options: TransportsOptions,
): Promise<readonly Standing<ThroughputFigure>[]> {
  const { inFlight } = options
  await using receiver = await startReceiver()
  const hookUrl = `${receiver.origin}/hooks/deploy`
  const dispatcher = (transport?: Transport): ReturnType<typeof createDispatcher> =>
    createDispatcher({
      hooks: [{ url: hookUrl, concurrency: inFlight }],
      secret,
      egress: { allow: ['127.0.0.1'] },
      transport,
    })
  await using withUndici = dispatcher(undiciTransport())
  await using withGot = dispatcher()
  using agents = createAgents()
  using agentsOfGot = createAgents()
  await using pool = closing(new Pool(receiver.origin, { connections: inFlight }))
  const got = createClient(agentsOfGot)
  const slack = new IncomingWebhook(hookUrl)

  const contestant = (
    name: string,
    does: string,
    once: () => Promise<unknown>,
  ): Contestant<ThroughputFigure> => ({ name, does, measure: () => closedLoop(options, once) })
  const dispatched = (name: string, to: typeof withGot): Contestant<ThroughputFigure> => {
    const next = createReleases(name)
    return contestant(name, '`dispatch()`, then `settled()`: one hook, memory store', () =>
      deliver(to, next()),
    )
  }
  const raw = contestant('node:http', 'raw: one agent, one fixed URL, no headers', () =>
    post(agents.http, hookUrl),
  )
  const next = createReleases('by-hand')
  const undiciByHand = createDeliveryByHand({
    hookUrl,
    secret,
    concurrency: inFlight,
    send: async (url, headers) => {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: url.slice(receiver.origin.length),
        headers,
      })
      await body.dump()
      return statusCode
    },
  })
  const nextForGot = createReleases('by-hand-with-got')
  const gotByHand = createDeliveryByHand({
    hookUrl,
    secret,
    concurrency: inFlight,
    send: async (url, headers) => (await got.post(url, { headers })).statusCode,
  })
  const contestants = [
    dispatched('deploy-hooks, undici', withUndici),
    raw,
    contestant('undici by hand', 'a pool, createHmac, p-queue and p-retry; no record, no events', () =>
      undiciByHand(next()),
    ),
    contestant('@slack/webhook', 'its `send()` of one text, to the same receiver', () =>
      slack.send({ text: 'gabrtv deployed 35b3726' }),
    ),
    dispatched('deploy-hooks, got', withGot),
    contestant('got by hand', 'got, createHmac, p-queue and p-retry; no record, no events', () =>
      gotByHand(nextForGot()),
    ),
  ]
  return await contest(contestants, raw, options)
}

function post(agent: http.Agent, url: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const request = http.request(url, { method: 'POST', agent }, (response) => {
    response.resume().once('end', resolve)
  })
  request.once('error', reject).end()
  return promise
}

function closing(pool: Pool): Pool & AsyncDisposable {
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.close() })
}
