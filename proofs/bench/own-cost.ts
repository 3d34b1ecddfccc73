import { createHmac } from 'node:crypto'
import { createDispatcher } from 'deploy-hooks'
import { answersAtOnce } from './answers-at-once.ts'
import { closedLoop, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { releaseUrlByHand } from './release-url-by-hand.ts'
import { createReleases } from './releases.ts'

export interface OwnCostOptions extends ContestOptions {
  /** Deliveries of each contestant in a round. */
  readonly deliveries: number
  readonly inFlight: number
  /** Numbers of hooks. */
  readonly hooks: readonly number[]
}

const secret = 'a secret of the usual length, of 43 characters'

/** What a delivery costs without its request: parsing, recording, signing, lanes, outcome, events. */
export async function measureOwnCost({
  deliveries,
  inFlight,
  hooks,
  ...options
}: OwnCostOptions): Promise<readonly Standing<ThroughputFigure>[]> {
  const contestants: Contestant<ThroughputFigure>[] = []
  await using all = new AsyncDisposableStack()
  for (const count of hooks) {
    const dispatcher = all.use(
      createDispatcher({
        hooks: Array.from({ length: count }, (_, index) => `https://hooks.example.com/${index}`),
        concurrency: { perHook: inFlight },
        secret,
        transport: answersAtOnce,
      }),
    )
    const next = createReleases(`to-${count}`)
    contestants.push({
      name: `${count} ${count === 1 ? 'hook' : 'hooks'}`,
      does: '`dispatch()`, then `settled()`: memory store, and a transport that answers at once',
      measure: () =>
        closedLoop(
          { deliveries, inFlight: Math.max(1, Math.round(inFlight / count)) },
          async () => (await dispatcher.dispatch(next())).settled(),
          count,
        ),
    })
  }
  const next = createReleases('by-hand')
  const byHand: Contestant<ThroughputFigure> = {
    name: 'by hand',
    does: 'the URL and createHmac alone: nothing is recorded, and nothing waits',
    measure: () =>
      closedLoop({ deliveries, inFlight }, async () => {
        createHmac('sha256', secret)
          .update(releaseUrlByHand('https://hooks.example.com/', next()))
          .digest('hex')
      }),
  }
  return await contest([...contestants, byHand], byHand, options)
}
