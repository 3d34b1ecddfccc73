import type { DispatcherOptions, Stage } from 'deploy-hooks'
import type { Hearer } from '../../../test/dispatch/news-steps.ts'

/** What signs, at the sender and the receiver. */
export const secret = 'torture'

const stages: readonly Stage[] = ['released', 'succeeded', 'failed', 'rolled-back']

/** Three that hear of everything, and others that do not. */
export const hooks: readonly (Hearer & { readonly after: readonly Stage[] })[] = [
  ...['one', 'two', 'three'].map((id) => ({ id, after: stages, onlyChanges: false })),
  { id: 'failures', after: ['failed'], onlyChanges: false },
  { id: 'changes', after: stages, onlyChanges: true },
]

/** Those that want every event. */
export const everything: readonly string[] = ['one', 'two', 'three']

/**
 * A worker that sends to a receiver, again and soon when its answer is lost.
 *
 * @param ids of some hooks; absent: all
 */
export function senderTo(receiver: string, ids?: readonly string[]): DispatcherOptions {
  return {
    hooks: hooks
      .filter(({ id }) => ids?.includes(id) ?? true)
      .map((hook) => ({ ...hook, url: `${receiver}/${hook.id}` })),
    secret,
    egress: { allow: ['127.0.0.1'] },
    retry: { delaysMs: [20, 50, 100, 200, 400] },
  }
}
