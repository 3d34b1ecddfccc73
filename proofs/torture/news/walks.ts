import fc from 'fast-check'
import type { Dispatch } from '../../../src/index.ts'
import { NewsBench } from '../../../test/dispatch/news-bench.ts'
import { openPlace, type PlaceName } from '../../../test/dispatch/news-places.ts'
import { hooks, steps } from '../../../test/dispatch/news-steps.ts'
import { walk } from '../../../test/dispatch/news-walk.ts'
import { say } from '../../shared/parts.ts'
import { violationOf, type Report } from '../../shared/report.ts'

export interface WalksOptions {
  readonly name: PlaceName
  /** Sequences. */
  readonly count: number
  readonly seed: number
  /** Of a PostgreSQL server; whatever it is, other stores take none. */
  readonly connectionString: string
}

/** Sequences over one store: walks let years pass, and leave what they recorded. */
const ofOneStore = 500

const from = fc.subarray(hooks.map((_, index) => index))

/** Holds a store against the model of what is news, by random sequences of what may happen to it. */
export async function walkAtRandom({ name, count, seed, connectionString }: WalksOptions): Promise<Report> {
  const tally: Tally = { dispatches: 0, repeats: 0, late: 0, 'rolled back': 0, 'times pruned': 0 }
  const differences: string[] = []
  for (let done = 0; done < count; done += ofOneStore) {
    await using place = await openPlace(name, connectionString)
    const { begin } = place
    const counted = begin === undefined ? place : { ...place, begin: countedIn(tally, begin) }
    const bench = new CountingBench(place, Date.now(), tally)
    const each = fc.asyncProperty(steps, from, (all, there) => walk(counted, bench, all, there))
    const numRuns = Math.min(ofOneStore, count - done)
    const found = await fc.check(each, { numRuns, seed: seed + done })
    if (found.failed) differences.push((await fc.asyncDefaultReportMessage(found)) ?? 'Nobody knows why')
    await bench.close()
    say(`${name}: ${done + numRuns} sequences`)
  }
  return {
    title: `model, ${name}`,
    figures: { sequences: count, ...tally, differences: differences.length },
    violations: violationOf(differences, 'The store says what the model does not say'),
  }
}

type Tally = Record<'dispatches' | 'repeats' | 'late' | 'rolled back' | 'times pruned', number>
type Begin = NonNullable<Awaited<ReturnType<typeof openPlace>>['begin']>

function countedIn(tally: Tally, begin: Begin): Begin {
  return async (isolation) => {
    const { transaction, end } = await begin(isolation)
    return {
      transaction,
      end(isCommitted) {
        if (!isCommitted) tally['rolled back'] += 1
        return end(isCommitted)
      },
    }
  }
}

/** Counts what happens, so that one sees that it does. */
class CountingBench extends NewsBench {
  readonly #tally: Tally

  constructor(place: ConstructorParameters<typeof NewsBench>[0], now: number, tally: Tally) {
    super(place, now)
    this.#tally = tally
  }

  override async dispatch(...asked: Parameters<NewsBench['dispatch']>): Promise<Dispatch> {
    const dispatch = await super.dispatch(...asked)
    this.#tally.dispatches += 1
    if (dispatch.repeated) this.#tally.repeats += 1
    if (dispatch.late) this.#tally.late += 1
    return dispatch
  }

  override prune(): Promise<void> {
    this.#tally['times pruned'] += 1
    return super.prune()
  }
}
