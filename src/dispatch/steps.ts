import type { Progress } from '../stores/store.ts'
import type { Target, TargetPoll, TargetRequest } from '../targets/shape.ts'

/** What is next for a delivery: a request of its target, or to ask how it went. */
export type Step =
  | {
      readonly kind: 'request'
      readonly request: TargetRequest
      /** From 1. */
      readonly number: number
      readonly isLast: boolean
    }
  | { readonly kind: 'poll'; readonly poll: TargetPoll }

export function nextStep({ requests, poll }: Target, progress: Progress | undefined): Step {
  const done = progress?.step ?? 0
  const request = requests[done]
  if (request !== undefined)
    return { kind: 'request', request, number: done + 1, isLast: done + 1 === requests.length }
  if (poll !== undefined) return { kind: 'poll', poll }
  // Its target was configured otherwise since: the last request is sent again rather than nothing.
  const last = requests.at(-1) as TargetRequest
  return { kind: 'request', request: last, number: requests.length, isLast: true }
}
