import fc from 'fast-check'
import { fewFacts, hooks, isolations, type Facts } from '../../../test/dispatch/news-steps.ts'

/** What one process does at a time: a dispatch, or several in a transaction of the caller's. */
export interface Unit {
  readonly tellings: readonly Facts[]
  /** Where the store knows transactions of callers. */
  readonly within?: (typeof isolations)[number] | undefined
  readonly isCommitted: boolean
  /** Which of the processes. */
  readonly by: number
  /** Hooks that its process has beside those that all have. */
  readonly also: readonly number[]
}

/** Units that overlap, hooks that are added before, and how long it is until the next. */
export interface Heat {
  readonly units: readonly Unit[]
  readonly added: readonly number[]
  readonly thenMs: number
}

const hour = 3_600_000
const several = fc.subarray(hooks.map((_, index) => index))
const rarely = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, several)

/** Of processes that number so many. Of their units all orders are tried. */
export function heatsOf(processes: number, hasTransactions: boolean): fc.Arbitrary<readonly Heat[]> {
  return fewFacts(4).chain((some) => {
    const one = fc.constantFrom(...some)
    const where = { by: fc.nat(processes - 1), also: rarely }
    const alone = fc.record({ ...where, tellings: one.map((only) => [only]), isCommitted: fc.constant(true) })
    const within = fc.record({
      ...where,
      tellings: fc.array(one, { minLength: 1, maxLength: 2 }),
      within: fc.constantFrom(...isolations),
      isCommitted: fc.boolean(),
    })
    const unit: fc.Arbitrary<Unit> = hasTransactions
      ? fc.oneof({ weight: 3, arbitrary: alone }, { weight: 2, arbitrary: within })
      : alone
    const heat = fc.record({
      units: fc.array(unit, { minLength: 2, maxLength: 4, size: 'max' }),
      added: rarely,
      thenMs: fc.constantFrom(1, 13 * hour),
    })
    return fc.array(heat, { minLength: 1, maxLength: 6, size: 'max' })
  })
}
