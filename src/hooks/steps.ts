import { decidesAlone, isOfSuccess, readsBody } from '../targets/answer.ts'
import type { Target, TargetPoll, TargetRequest } from '../targets/shape.ts'

/** What is next for a delivery: a request of its target, or to ask how it went. */
export type Step =
  | {
      readonly kind: 'request'
      readonly request: TargetRequest
      /** From 1; absent when there is no other one. */
      readonly number: number | undefined
      readonly isLast: boolean
      /** The answer's body matters. */
      readonly readsBody: boolean
      /** It does not for these statuses. */
      readonly statusDecides: (status: number) => boolean
      /** It must not be made twice. */
      readonly isOnce: boolean
    }
  | {
      readonly kind: 'poll'
      readonly poll: TargetPoll
      readonly statusDecides: (status: number) => boolean
      readonly isOnce: false
    }
  /** Its target was configured otherwise since the receiver took it, and nothing is left to send or to ask. */
  | { readonly kind: 'none'; readonly isOnce: false }

export const noStep: Step = { kind: 'none', isOnce: false }
const isNoSuccess = (status: number): boolean => !isOfSuccess(status)

const known = new WeakMap<Target, readonly Step[]>()

/** All that a target may do for a delivery, in order: made once for a target, which many hooks may have. */
export function stepsOf(target: Target): readonly Step[] {
  const steps = known.get(target) ?? newSteps(target)
  known.set(target, steps)
  return steps
}

function newSteps({ requests, repeat, poll }: Target): readonly Step[] {
  const steps: Step[] = requests.map((request, index) => {
    const isLast = index + 1 === requests.length
    const isOnce = (request.repeat ?? repeat) === 'side-effect'
    return {
      kind: 'request',
      request,
      number: requests.length === 1 ? undefined : index + 1,
      isLast,
      readsBody: readsBody(request),
      statusDecides: decidesAlone(request, isOnce || !isLast || poll !== undefined),
      isOnce,
    }
  })
  return poll === undefined
    ? steps
    : [...steps, { kind: 'poll', poll, statusDecides: isNoSuccess, isOnce: false }]
}
