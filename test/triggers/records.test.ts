import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDeepStrictEqual } from 'node:util'
import type { Overlap, TriggerRecords } from '../../src/triggers/index.ts'
import type { Taking } from '../../src/stores/triggers/records.ts'
import { stores } from '../dispatch/stores.ts'
import { perMinute, RecordsModel, runsAtMostMs } from './records-model.ts'
import { runs } from '../runs.ts'

type Step =
  | {
      readonly kind: 'take'
      readonly trigger: number
      readonly lane: number
      readonly overlap: Overlap
      readonly key: number
    }
  | { readonly kind: 'start'; readonly lane: number }
  | { readonly kind: 'started' | 'again' | 'failed' | 'finish' | 'stale'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'revoke'; readonly trigger: number }

const overlaps: readonly Overlap[] = ['latest', 'queue', 'cancel', 'skip', 'reject']
const which = fc.nat({ max: 5 })
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('take' as const),
        trigger: fc.nat({ max: 1 }),
        lane: fc.nat({ max: 1 }),
        overlap: fc.oneof(fc.constantFrom(...overlaps), fc.constant('cancel' as const)),
        key: fc.nat({ max: 6 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('start' as const), lane: fc.nat({ max: 1 }) }) },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constantFrom('started', 'again', 'failed', 'finish', 'stale'), which }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.constantFrom(1000, 15_000, 60_000, 100_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('revoke' as const), trigger: fc.constant(1) }),
    },
  ),
  { minLength: 30, maxLength: 60 }, // left to itself it makes short ones
)

let started = 0

/** Both at once, step by step. @returns the first thing that they do not agree on */
async function walk(records: TriggerRecords, script: readonly Step[]): Promise<unknown> {
  const run = `r${(started += 1)}`
  const model = new RecordsModel()
  let now = 1_800_000_000_000
  let count = 0
  for (const trigger of [0, 1]) {
    const tokens = [{ digest: `${run}-${trigger}`, hint: 'abcd' }]
    const id = `${run}-${trigger}`
    await records.create({ id, app: run, dialect: 'native', settings: {}, createdAt: now, tokens })
  }
  const differs = (one: unknown, other: unknown, step: Step): unknown =>
    isDeepStrictEqual(one, other) ? undefined : { step, store: one, model: other }
  for (const step of script) {
    count += 1
    now += 1
    let difference: unknown
    if (step.kind === 'wait') now += step.ms
    else if (step.kind === 'revoke') {
      await records.revoke(`${run}-${step.trigger}`, now, false)
      model.revoke(step.trigger)
    } else if (step.kind === 'take') {
      const id = `${run}-c${count}`
      const [deployment, lane] = [`${run}-d${count}`, `${run}-l${step.lane}`]
      const key =
        step.key > 3 ? { key: `k${step.key}`, fingerprint: `f${step.key === 6 ? count % 2 : 0}` } : undefined
      const taking: Taking = {
        triggerId: `${run}-${step.trigger}`,
        digest: `${run}-${step.trigger}`,
        call: { id, triggerId: `${run}-${step.trigger}`, at: now, facts: { params: {} } },
        deploymentId: deployment,
        lane,
        overlap: step.overlap,
        depth: 0,
        perMinute,
        countsMerged: false,
        runsAtMostMs,
        ...(key === undefined ? undefined : { key }),
      }
      const taken = await records.take(taking)
      const told = [taken.outcome, 'deployment' in taken ? taken.deployment.id : undefined]
      difference = differs(
        told,
        model.take({ trigger: step.trigger, lane, id, deployment, overlap: step.overlap, at: now, key }),
        step,
      )
    } else if (step.kind === 'start') {
      const lane = `${run}-l${step.lane}`
      const begun = await records.start(lane, now, now + 10_000, runsAtMostMs)
      const told = begun && [begun.deployment.id, begun.deployment.callId, begun.cancels.map(({ id }) => id)]
      difference = differs(told, model.start(lane, now, now + 10_000), step)
    } else {
      // Mostly of what is being started now.
      const begun = model.deployments.findLast(({ status }) => status === 'starting')
      const found = step.which > 1 && begun !== undefined ? begun : model.deployments.at(-1 - step.which)
      if (found === undefined) continue
      const { id, attempt } = found
      if (step.kind === 'started') {
        await records.started(id, attempt, { status: 'running', externalId: `x-${id}` }, now)
        model.started(id, attempt, now)
      } else if (step.kind === 'stale') {
        expect(await records.started(id, attempt + 1, { status: 'running' }, now)).toBe(false)
      } else if (step.kind === 'finish') {
        await records.finish(id, 'succeeded', { now })
        model.finish(id, 'succeeded')
      } else {
        const againAt = step.kind === 'again' ? now + 5000 : null
        await records.notStarted(id, attempt, 'no', againAt, now, attempt)
        model.notStarted(id, attempt, againAt)
      }
    }
    if (difference !== undefined) return difference
    for (const { id, status, call } of model.deployments) {
      const kept = await records.deployment(id)
      difference ??= differs([kept?.status, kept?.callId], [status, call], step)
    }
    if (difference !== undefined) return difference
  }
  return undefined
}

describe.each(Object.entries(stores))('records of triggers in a %s store', (name, open) => {
  it('come to what a model comes to, for any sequence of calls, starts and ends', async () => {
    const { triggers } = (await open())()
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        expect(await walk(triggers as TriggerRecords, script as readonly Step[])).toBeUndefined()
      }),
      runs(name === 'memory' ? 60 : 4),
    )
  })
})
