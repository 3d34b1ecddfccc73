import fc from 'fast-check'
import { describe, inject, it } from 'vitest'
import { NewsBench } from './news-bench.ts'
import { openPlace } from './news-places.ts'
import { hooks, steps } from './news-steps.ts'
import { walk } from './news-walk.ts'
import { runs } from '../runs.ts'

const places = { memory: 60, SQLite: 6, Postgres: 6 } as const

describe.each(Object.entries(places))('the ledger of a %s store', (name, few) => {
  it('says of any sequence of releases what the model says', async () => {
    await using place = await openPlace(name as keyof typeof places, inject('postgres'))
    const bench = new NewsBench(place, Date.now())
    const from = fc.subarray(hooks.map((_, index) => index))
    await fc.assert(
      fc.asyncProperty(steps, from, (all, there) => walk(place, bench, all, there)),
      runs(few),
    )
    await bench.close()
  })
})
