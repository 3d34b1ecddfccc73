import assert from 'node:assert/strict'
import type { Dispatch } from '../../src/index.ts'
import type { NewsBench } from './news-bench.ts'
import { NewsModel } from './news-model.ts'
import type { NewsPlace } from './news-places.ts'
import { hooks, type Facts, type Hearer, type Step, type Verdict } from './news-steps.ts'

const month = 30 * 24 * 3_600_000
let walks = 0
let calls = 0

/** Holds a store against the model: the same happens to both, and both say the same. Every walk has an app of its own. */
export async function walk(
  place: NewsPlace,
  bench: NewsBench,
  steps: readonly Step[],
  from: readonly number[],
): Promise<void> {
  const there = new Set(from)
  const app = `app${(walks += 1)}`
  const base = bench.now
  let prunedAt = base // what is sent by a key is known for as long as that is kept, too: it is not kept for over a month
  let model = new NewsModel()
  for (const step of steps) {
    switch (step.is) {
      case 'waited':
        bench.now += step.ms
        await place.sweep?.(bench.now)
        if (bench.now - prunedAt < month) break
        await prune(bench, model)
        prunedAt = bench.now
        break
      case 'pruned':
        await prune(bench, model)
        prunedAt = bench.now
        break
      case 'added':
        there.add(step.hook)
        break
      case 'told': {
        const tellings = step.tellings.map((given) => factsIn(given, app, base))
        model = await told(place, bench, { ...step, tellings }, { model, there })
      }
    }
  }
}

export function factsIn({ at, ...facts }: Facts, app: string, base: number): Facts {
  return { ...facts, app, ...(at === undefined ? undefined : { at: base + at * 1000 }) }
}

export function hearers({ stage }: Facts, there: ReadonlySet<number>): readonly Hearer[] {
  return hooks.filter(({ after }, index) => there.has(index) && after.includes(stage))
}

/** What a dispatch says of itself. */
export type Said = Pick<Dispatch, 'repeated' | 'late'>

export function saidBy({ repeated, late }: Dispatch): Said {
  return { repeated, late }
}

/** What one would say. */
export function saidOf({ news, to }: Verdict): Said {
  return { repeated: news === 'repeated' && to.length === 0, late: news === 'late' }
}

async function prune(bench: NewsBench, model: NewsModel): Promise<void> {
  await bench.prune()
  model.reached.clear()
}

type Told = Extract<Step, { is: 'told' }>
interface Before {
  readonly model: NewsModel
  readonly there: ReadonlySet<number>
}

/** @returns the model as it stands then */
async function told(
  place: NewsPlace,
  bench: NewsBench,
  step: Told,
  { model, there }: Before,
): Promise<NewsModel> {
  const { within, isCommitted, arrives, tellings } = step
  if (within === undefined || place.begin === undefined) {
    for (const facts of tellings) {
      const call = `call${(calls += 1)}`
      const verdict = model.tell(facts, hearers(facts, there), bench.now, arrives)
      const said = saidBy(await bench.dispatch(facts, { there, call }))
      compare([{ call, facts, verdict, said }], await bench.send(arrives))
    }
    return model
  }
  const before = copyOf(model)
  const { transaction, end } = await place.begin(within)
  const all: Compared[] = []
  for (const facts of tellings) {
    const call = `call${(calls += 1)}`
    // What is recorded and not sent yet may arrive.
    const verdict = model.tell(facts, hearers(facts, there), bench.now, true)
    all.push({
      call,
      facts,
      verdict,
      said: saidBy(await bench.dispatch(facts, { there, call, transaction })),
    })
  }
  await end(isCommitted)
  compare(all, await bench.send(true), isCommitted)
  return isCommitted ? model : before
}

interface Compared {
  readonly call: string
  readonly facts: Facts
  readonly verdict: Verdict
  readonly said: Said
}

function compare(
  all: readonly Compared[],
  sent: ReadonlyMap<string, readonly string[]>,
  isCommitted = true,
): void {
  for (const { call, facts, verdict, said } of all) {
    const expected = { ...saidOf(verdict), to: isCommitted ? verdict.to.toSorted() : [] }
    assert.deepEqual({ ...said, to: sent.get(call) ?? [] }, expected, `Told of ${JSON.stringify(facts)}`)
  }
  const of = new Set(all.map(({ call }) => call))
  assert.deepEqual(
    [...sent.keys()].filter((call) => !of.has(call)),
    [],
    'Something else was sent',
  )
}

/** What events are shared by stays shared. */
export function copyOf(model: NewsModel): NewsModel {
  const { scopes, rollouts, keys, reached } = model
  return Object.assign(new NewsModel(), structuredClone({ scopes, rollouts, keys, reached }))
}
