import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../src/testing/store/chance.ts'
import type { Life } from './life.ts'

/** For a plan's `pauseMs`: bursts, and releases that come while others are sent. */
export const pausesMs = [0, 0, 10, 40] as const

/** Some come while it starts, some while it opens the file and finds what was left, most while it works. */
export async function aMoment(life: Life, chance: Chance): Promise<void> {
  const [news, withinMs] = chance.pick(moments)
  if (news !== 'started') await life.until(news)
  await sleep(chance.below(withinMs))
}

const moments = [
  ['started', 400],
  ['opened', 300],
  ['working', 400],
  ['working', 800],
  ['working', 800],
] as const
