import fc from 'fast-check'
import { describe, inject, it } from 'vitest'
import { NewsBench } from './news-bench.ts'
import { openPlace } from './news-places.ts'
import { hooks, steps } from './news-steps.ts'
import { walk } from './news-walk.ts'

const runs = { memory: 300, SQLite: 25, Postgres: 25 } as const

describe.each(Object.entries(runs))('the ledger of a %s store', (name, numRuns) => {
  it('says of any sequence of releases what the model says', async () => {
    await using place = await openPlace(name as keyof typeof runs, inject('postgres'))
    const bench = new NewsBench(place, Date.now())
    const from = fc.subarray(hooks.map((_, index) => index))
    await fc.assert(
      fc.asyncProperty(steps, from, (all, there) => walk(place, bench, all, there)),
      { numRuns },
    )
    await bench.close()
  })
})
