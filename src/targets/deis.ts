import type { Target } from './shape.ts'
import { defineTarget } from './target.ts'

/**
 * The deploy hook of Deis Workflow, and what a hook without a target is: a POST without a body, the release in the query, and the bare
 * HMAC of the alphabetised URL in `Authorization`. Any 2xx is taken for success; Deis itself looks at no answer.
 *
 * Besides what Deis sends, `Idempotency-Key` carries the delivery's id. It is not signed: for what must be proven, `(app, release)` is the
 * key.
 */
export function deis(): Target {
  return target
}

const target = defineTarget({
  name: 'deis',
  repeat: 'idempotent',
  requests: [{ query: 'release', sign: 'url' }],
})
