import { setImmediate as nextTurn } from 'node:timers/promises'
import { Events } from '../../../src/dispatch/events.ts'
import { Reporter } from '../../../src/dispatch/reporter.ts'
import { Execution, type Term } from '../../../src/dispatch/worker/execution.ts'
import { createHooks } from '../../../src/hooks/list.ts'
import type { Hook } from '../../../src/hooks/hook.ts'
import type { Claim, Delivery, DispatcherOptions, HookOptions } from '../../../src/index.ts'
import { recorded } from '../../../src/stores/transition.ts'
import { newDelivery } from '../../../src/testing/store/samples.ts'
import { defineTarget, type Target } from '../../../src/targets/index.ts'
import type { TargetDefinition, TargetRequest } from '../../../src/targets/shape.ts'
import { newLog } from '../log.ts'

/** A term of a hook that nobody else wants. */
export const held: Term = { holds: true, stays: true }

type HookAtUrl = Extract<HookOptions, { readonly url: string; readonly waitFor?: 'accepted' | undefined }>

/** Hooks as their options make them. */
export function hooksOf(
  hooks: readonly HookOptions[],
  common: Partial<DispatcherOptions> = {},
): readonly Hook[] {
  return createHooks({ hooks, secret: 's3cret-of-the-tests', ...common }, newLog())
}

/** Hook `a`. */
export function hookOf(options: Partial<HookAtUrl> = {}): Hook {
  const [hook] = hooksOf([{ id: 'a', url: 'http://a.example/', ...options }])
  return hook as Hook
}

/** A claim of a delivery, of hook `a` unless told otherwise. */
export function claimOf(id: string, facts: Partial<Delivery> = {}, token = 1): Claim {
  return { delivery: { ...recorded(newDelivery(id)), ...facts }, token }
}

/** A delivery in hand, whose lease does not end. */
export function executionOf(id: string, facts: Partial<Delivery> = {}): Execution {
  return new Execution(claimOf(id, facts), held, Infinity)
}

/** A delivery in hand whose place was taken. */
export function placedOf(hook: Hook, id: string, facts: Partial<Delivery> = {}): Execution {
  const execution = executionOf(id, { hookId: hook.id, ...facts })
  execution.begin(hook.steps)
  return execution
}

/** A target of one request. */
export function targetOf(request: TargetRequest, more: Partial<TargetDefinition> = {}): Target {
  return defineTarget({ name: 'own', repeat: 'idempotent', requests: [request], ...more })
}

/** A target whose request may not be made twice. */
export const build: Target = targetOf({}, { repeat: 'side-effect' })

/** Tells a log, which stays empty while nothing goes wrong. */
export function reporterTo(log: ReturnType<typeof newLog>, now: () => number = () => 0): Reporter {
  return new Reporter(new Events(log), log, now)
}

/** Whether it is by now, when all that can go on has gone on. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false
  const settle = (): void => void (is = true)
  promise.then(settle, settle)
  await nextTurn()
  return is
}

export function byIdOf(hooks: readonly Hook[]): ReadonlyMap<string, Hook> {
  return new Map(hooks.map((hook) => [hook.id, hook]))
}
