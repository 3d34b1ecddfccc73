import { attemptOf } from '../../../dist/dispatch/worker/attempt.js'
import { createHooks } from '../../../dist/hooks/list.js'
import { defineTarget } from '../../../dist/targets/index.js'
import { readAnswer } from '../../../dist/targets/answer.js'
import type { HostileHook } from './hostile-pairs.ts'

export type Hook = ReturnType<typeof createHooks>[number]
type Work = Parameters<typeof attemptOf>[1]

const quiet = { warn: () => undefined, error: () => undefined }
/** It is the same for each, as long as one is: it is looked for in each answer. */
const proof = '8f3b0c52d96e147aa1c05e7f9d2b6384'.repeat(2)

/** Made anew, so that it has not heard of an answer. Its target reads all that one can of an answer. */
export function hookOf({
  url,
  secrets,
  targetSecrets = [],
  bases = [],
}: Omit<HostileHook, 'kind' | 'answers'>): Hook {
  const target = defineTarget({
    name: 'reads-all',
    repeat: 'duplicates',
    secrets: Object.fromEntries(targetSecrets.map((secret, index) => [`token-${index}`, secret])),
    requests: [
      {
        id: '/id',
        url: '/url',
        error: ({ text, json }) => (json as { readonly error?: string } | undefined)?.error ?? text,
      },
      ...bases.map((base) => ({ base: base as 'http://' })),
    ],
  })
  const [hook] = createHooks({ hooks: [{ url, secret: secrets, secretPath: true, target }] }, quiet)
  if (hook === undefined) throw new Error('Expected a hook')
  return hook
}

/** All that is done with an answer, until it is an attempt that can be recorded. */
export function handle(hook: Hook, body: Uint8Array): ReturnType<typeof attemptOf> {
  const exchange = { kind: 'answer', status: 400, headers: {}, body, timings: { totalMs: 1 } } as const
  const reading = readAnswer(hook.target.requests[0], exchange)
  const work = {
    claim: { delivery: { id: 'd', attempts: 0 } },
    connects: 1,
    startedAt: 0,
    request: { proof },
    step: hook.steps[0],
  }
  return attemptOf(hook, work as unknown as Work, exchange, reading, { now: 1, random: () => 0.5 })
}
