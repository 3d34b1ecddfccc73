import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../../src/testing/store/chance.ts'
import type { Life } from './life.ts'

/** For a plan's `pauseMs`: bursts, and releases that come while others are sent. */
export const pausesMs = [0, 0, 10, 40] as const

/** A random moment, of each kind in turn. */
export async function aMoment(life: Life, turn: number, chance: Chance): Promise<void> {
  const [news, withinMs] = kinds[turn % kinds.length] ?? kinds[0]
  if (news !== 'started') await life.until(news)
  await sleep(chance.below(withinMs))
}

const kinds = [
  ['started', 400],
  ['working', 20], // what was acknowledged a moment ago must be there
  ['opened', 300], // it finds what was left
  ['working', 400],
  ['working', 800],
] as const
