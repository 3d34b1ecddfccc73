import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatch, Dispatcher } from 'deploy-hooks'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { appOf, releaseOf, type UpgradePlan } from './plan.ts'

/** What was dispatched while what the version before left was sent and moved. */
export interface Dispatched {
  /** How long those waited that were one after another, and those that were many at once, in milliseconds. */
  readonly waits: number[]
  readonly waitsAtOnce: number[]
  /** Ids of the deliveries of what was news. */
  readonly news: Set<string>
  /** What was told before, and was not found to be a repeat; and the other way round. */
  readonly wrong: string[]
}

/** Dispatches at once, of what was told before, as a controller that has been restarted does. */
export const repeatsAtOnce = 100
const pauseMs = 20

/** Dispatches news, and repeats of the last releases of apps, one after another and many at once, until it is done. */
export async function dispatchUntil(
  isDone: () => Promise<boolean>,
  {
    dispatcher,
    plan,
    chance,
  }: { readonly dispatcher: Dispatcher; readonly plan: UpgradePlan; readonly chance: Chance },
): Promise<Dispatched> {
  const dispatched: Dispatched = { waits: [], waitsAtOnce: [], news: new Set(), wrong: [] }
  const timed = async (
    isRepeat: boolean,
    waits: number[],
    dispatch: () => Promise<Dispatch>,
  ): Promise<void> => {
    const calledAt = performance.now()
    const { repeated, deliveries, release } = await dispatch()
    waits.push(performance.now() - calledAt)
    if (repeated !== isRepeat) dispatched.wrong.push(`${release.app} ${release.version}`)
    if (!repeated) for (const { id } of deliveries) dispatched.news.add(id)
  }
  const repeat = (waits: number[]): Promise<void> => {
    const number = chance.percent(50)
      ? chance.below(plan.quiet)
      : plan.deliveries - plan.apps + chance.below(plan.apps / 2) * 2 // every other app has no news
    return timed(true, waits, () => dispatcher.dispatch(releaseOf(plan, number)))
  }
  const tell = (version: number): Promise<void> => {
    const app = appOf(plan, plan.apps + chance.below(plan.apps / 2) * 2 + 1) // none of the quiet ones
    return timed(false, dispatched.waits, () =>
      dispatcher.dispatch({ app, version: `new-${version}`, user: 'gabrtv' }),
    )
  }
  for (let turn = 0; turn === 0 || !(await isDone()); turn += 1) {
    for (let each = 0; each < 50; each += 1) {
      await (each % 5 === 0 ? repeat(dispatched.waits) : tell(turn * 50 + each))
      await sleep(pauseMs)
    }
    await Promise.all(Array.from({ length: repeatsAtOnce }, () => repeat(dispatched.waitsAtOnce)))
  }
  return dispatched
}
