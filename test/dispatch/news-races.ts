import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { NewsBench } from './news-bench.ts'
import { NewsModel } from './news-model.ts'
import type { NewsPlace } from './news-places.ts'
import { facts, hooks, isolations, type Facts } from './news-steps.ts'
import { copyOf, factsIn, hearers, saidBy, saidOf, type Said } from './news-walk.ts'

/** What one process does at a time: a dispatch, or several in a transaction of the caller's. */
interface Unit {
  readonly tellings: readonly Facts[]
  readonly within?: (typeof isolations)[number] | undefined
  readonly isCommitted: boolean
}

/** Units that overlap, each in another process, hooks that were added before, and how long it is until the next. */
export interface Heat {
  readonly units: readonly Unit[]
  readonly added: readonly number[]
  readonly thenMs: number
}

const hour = 3_600_000
/** Of which all orders are tried. */
const mostAtOnce = 4
const several = fc.subarray(hooks.map((_, index) => index))

/** Few releases, so that those that overlap have to do with each other. */
export const race: fc.Arbitrary<readonly Heat[]> = fc
  .array(facts, { minLength: 1, maxLength: 3 })
  .chain((some) => {
    const one = fc.constantFrom(...some)
    const unit: fc.Arbitrary<Unit> = fc.oneof(
      { weight: 3, arbitrary: one.map((only) => ({ tellings: [only], isCommitted: true })) },
      {
        weight: 2,
        arbitrary: fc.record({
          tellings: fc.array(one, { minLength: 1, maxLength: 2 }),
          within: fc.constantFrom(...isolations),
          isCommitted: fc.boolean(),
        }),
      },
    )
    const heat = fc.record({
      units: fc.array(unit, { minLength: 1, maxLength: 3 }),
      added: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, several),
      thenMs: fc.constantFrom(1, 13 * hour),
    })
    return fc.array(heat, { minLength: 1, maxLength: 6, size: 'max' })
  })

interface Outcome {
  readonly unit: Unit
  /** What each telling came to; absent when the server refused the transaction, since another one was first. */
  readonly told?: readonly (Said & { readonly to: readonly string[] })[]
}

let races = 0
let calls = 0

/**
 * Runs what overlaps at once, and looks for an order in which the model, one after another, says the same. Of several all are gone on with.
 *
 * @returns false when it could not be told, since a transaction had to be waited for too long
 */
export async function run(
  place: NewsPlace,
  benches: readonly NewsBench[],
  heats: readonly Heat[],
): Promise<boolean> {
  const app = `race${(races += 1)}`
  const [first] = benches as [NewsBench]
  const base = first.now
  const there = new Set<number>([0])
  let models: readonly NewsModel[] = [new NewsModel()]
  for (const { units, added, thenMs } of heats) {
    for (const hook of added) there.add(hook)
    const own = unitsIn(place, units).map((unit) => ({
      ...unit,
      tellings: unit.tellings.map((given) => factsIn(given, app, base)),
    }))
    const outcomes = await atOnce(place, benches, own, there)
    if (outcomes === undefined) return false
    const now = first.now
    const next = models.flatMap((model) => explained(model, outcomes, (facts) => hearers(facts, there), now))
    assert.notEqual(next.length, 0, `No order says: ${JSON.stringify(outcomes)}`)
    models = distinct(next)
    for (const bench of benches) bench.now += thenMs
  }
  return true
}

/** Where there are no transactions of callers, each telling is by itself. */
function unitsIn({ begin }: NewsPlace, units: readonly Unit[]): readonly Unit[] {
  if (begin !== undefined) return units
  const tellings = units.flatMap((unit) => unit.tellings).slice(0, mostAtOnce)
  return tellings.map((only) => ({ tellings: [only], isCommitted: true }))
}

async function atOnce(
  place: NewsPlace,
  benches: readonly NewsBench[],
  units: readonly Unit[],
  there: ReadonlySet<number>,
): Promise<readonly Outcome[] | undefined> {
  const before = benches.map(({ log }) => log.lines.length)
  const named = units.map((unit) => ({ unit, names: unit.tellings.map(() => `call${(calls += 1)}`) }))
  const said = await Promise.all(
    named.map(({ unit, names }, index) =>
      takeOne(place, benches[index % benches.length] as NewsBench, unit, { names, there }),
    ),
  )
  const sent = await (benches[0] as NewsBench).send(true)
  const isUnsure = benches.some(({ log }, index) =>
    log.lines.slice(before[index]).some((line) => line.startsWith('Another transaction')),
  )
  if (isUnsure) return undefined
  return named.map(({ unit, names }, index): Outcome => {
    const told = said[index]?.map((each, nth) => ({ ...each, to: sent.get(names[nth] as string) ?? [] }))
    return told === undefined ? { unit } : { unit, told }
  })
}

async function takeOne(
  place: NewsPlace,
  bench: NewsBench,
  { within, tellings, isCommitted }: Unit,
  { names, there }: { readonly names: readonly string[]; readonly there: ReadonlySet<number> },
): Promise<readonly Said[] | undefined> {
  const begun = within === undefined ? undefined : await place.begin?.(within)
  const said: Said[] = []
  try {
    for (const [index, each] of tellings.entries())
      said.push(
        saidBy(
          await bench.dispatch(each, {
            there,
            call: names[index] as string,
            transaction: begun?.transaction,
          }),
        ),
      )
    await begun?.end(isCommitted)
    return said
  } catch (error) {
    if (begun === undefined || !/^40(?:001|P01)$/u.test((error as { code?: string }).code ?? '')) throw error
    await begun.end(false)
    return undefined
  }
}

/** The models that any order of the units leads to, in which each says what it said. */
function explained(
  model: NewsModel,
  outcomes: readonly Outcome[],
  hearersOf: (facts: Facts) => ReturnType<typeof hearers>,
  now: number,
): readonly NewsModel[] {
  const [...left] = outcomes.filter(({ told }) => told !== undefined)
  if (left.length === 0) return [model]
  return left.flatMap((outcome) => {
    const next = copyOf(model)
    const { tellings, isCommitted } = outcome.unit
    const verdicts = tellings.map((each) => next.tell(each, hearersOf(each), now, true))
    const expected = verdicts.map((verdict) => ({
      ...saidOf(verdict),
      to: isCommitted ? verdict.to.toSorted() : [],
    }))
    if (JSON.stringify(expected) !== JSON.stringify(outcome.told)) return []
    const others = left.filter((each) => each !== outcome)
    return explained(isCommitted ? next : model, others, hearersOf, now)
  })
}

function distinct(models: readonly NewsModel[]): readonly NewsModel[] {
  return [...new Map(models.map((model) => [shown(model), model])).values()]
}

function shown(model: NewsModel): string {
  const plain = (_: string, value: unknown): unknown => {
    if (value instanceof Map) return [...value].toSorted()
    return value instanceof Set ? [...value].toSorted() : value
  }
  return JSON.stringify(model, plain)
}
