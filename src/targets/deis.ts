import type { Target } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, noOptions, type NoOptions } from './target-options.ts'

/**
 * The deploy hook of Deis Workflow, and what a hook without a target is: a POST without a body, the release in the query, and the bare
 * HMAC of the alphabetised URL in `Authorization`. Any 2xx is taken for success; Deis itself looks at no answer.
 *
 * A release that has a stage, an environment or a deployment says so in the query too, and so does a delivery that sends again on purpose;
 * in the hook's dialect `deis` it is Deis's five parameters always. `Idempotency-Key` carries the delivery's id. It is not signed: what is
 * proven is the `key` that `createVerifier` gives, that id where the query has it, else the signature.
 */
export function deis(options: NoOptions = {}): Target {
  checkTargetOptions('deis', options, noOptions)
  return target
}

const target = defineTarget({
  name: 'deis',
  repeat: 'idempotent',
  requests: [{ query: 'release', sign: 'url' }],
})
