import fc from 'fast-check'
import { stages, type Stage } from '../../src/stages.ts'

/** What decides whether a release is news. Absent is a value of its own. */
export interface Facts {
  readonly tenant?: string
  readonly app: string
  readonly environment?: string
  readonly version: string
  readonly sha?: string
  readonly deployment?: string
  readonly stage: Stage
  /** Epoch milliseconds. */
  readonly at?: number
  readonly key?: string
}

/** A hook that wants the stage. */
export interface Hearer {
  readonly id: string
  readonly onlyChanges: boolean
}

export interface Verdict {
  readonly news: 'told' | 'late' | 'repeated'
  /** Ids of the hooks that it is sent to, by this telling. */
  readonly to: readonly string[]
}

export const isolations = ['READ COMMITTED', 'REPEATABLE READ'] as const

/** Something that happens to the ledger of a store. */
export type Step =
  | {
      readonly is: 'told'
      readonly tellings: readonly Facts[]
      /** Whether what is sent arrives, or dies. */
      readonly arrives: boolean
      /** In a transaction of the caller's, where the store knows any; it is then committed or not. */
      readonly within?: (typeof isolations)[number]
      readonly isCommitted: boolean
    }
  | { readonly is: 'waited'; readonly ms: number }
  | { readonly is: 'pruned' }
  | { readonly is: 'added'; readonly hook: number }

/** The hooks that there may be: some are there from the start, others are added. */
export const hooks: readonly (Hearer & { readonly after: Stage[] })[] = [
  { id: 'all', after: [...stages], onlyChanges: false },
  { id: 'changes', after: [...stages], onlyChanges: true },
  { id: 'failures', after: ['failed'], onlyChanges: false },
  { id: 'health', after: ['succeeded', 'failed'], onlyChanges: true },
  { id: 'another', after: [...stages], onlyChanges: false },
]

const hour = 3_600_000
const day = 24 * hour

/** Absent in so many of the cases for each value that it may have. */
function absent<Value>(cases: number, ...values: readonly Value[]): fc.Arbitrary<Value | undefined> {
  return fc.oneof(
    { weight: cases, arbitrary: fc.constant(undefined) },
    ...values.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })),
  )
}

/** Which rollout it is. */
const rollout = fc.record({
  tenant: absent(8, 't'),
  app: fc.constant('app'),
  environment: absent(6, 'staging'),
  version: fc.constantFrom('v1', 'v1', 'v2'),
  sha: absent(5, 'x'),
  deployment: absent(3, 'd1', 'd2'),
})

/** What happens to it. */
const event = fc.record({
  stage: fc.constantFrom<Stage>(...stages),
  at: absent(3, 1, 2, 3, 4),
  key: absent(6, 'k1', 'k2'),
})

/** Releases of so few rollouts that they have to do with each other. */
function fewFacts(most: number): fc.Arbitrary<readonly Facts[]> {
  return fc.array(rollout, { minLength: 1, maxLength: 3, size: 'max' }).chain((rollouts) => {
    const facts = fc
      .record({ of: fc.constantFrom(...rollouts), event })
      .map(
        ({ of, event: what }) =>
          Object.fromEntries(
            Object.entries({ ...of, ...what }).filter(([, value]) => value !== undefined),
          ) as never,
      )
    return fc.array(facts, { minLength: 1, maxLength: most, size: 'max' })
  })
}

/** Where memories end, and a little before. */
const waits = [1, hour, 13 * hour, day - 1, day, 16 * day, 30 * day - 1, 30 * day]

/** Of a few releases each: so that they are dispatched often. */
export const steps: fc.Arbitrary<readonly Step[]> = fewFacts(8).chain((some) => {
  const told: fc.Arbitrary<Step> = fc
    .record({
      is: fc.constant('told' as const),
      tellings: fc.array(fc.constantFrom(...some), { minLength: 1, maxLength: 3 }),
      arrives: fc.boolean(),
      within: fc.option(fc.constantFrom(...isolations), { nil: undefined }),
      isCommitted: fc.boolean(),
    })
    .map(({ within, ...step }) => (within === undefined ? step : { ...step, within }))
  const step = fc.oneof(
    { weight: 16, arbitrary: told },
    { weight: 6, arbitrary: fc.constantFrom(...waits).map((ms) => ({ is: 'waited' as const, ms })) },
    { weight: 2, arbitrary: fc.constant({ is: 'pruned' as const }) },
    { weight: 2, arbitrary: fc.nat(hooks.length - 1).map((hook) => ({ is: 'added' as const, hook })) },
  )
  return fc.array(step, { minLength: 1, maxLength: 24, size: 'max' })
})

export { fewFacts }
