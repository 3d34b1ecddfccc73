import { textAt } from './pointer.ts'
import type { AnswerMeaning, Target, TargetAnswer } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, noOptions, type NoOptions } from './target-options.ts'

/**
 * The build webhook of an app of CapRover, `/api/v2/user/apps/webhooks/triggerbuild?namespace=&token=`: a POST without a body, answered 200
 * whatever comes of it. `status` 100 is good, and everything else is a failure. The build cannot be followed. A repeat builds again. After
 * its source (1.15).
 */
export function caprover(options: NoOptions = {}): Target {
  checkTargetOptions('caprover', options, noOptions)
  return target
}

const target = defineTarget({
  name: 'caprover',
  repeat: 'side-effect',
  requests: [
    {
      accepts: [200],
      isAccepted: meaningOf,
      meanings: { 401: 'final', 404: 'final' },
      error: '/description',
    },
  ],
})

/** What is no answer of CapRover's may have built: it is not asked twice. */
function meaningOf({ json }: TargetAnswer): AnswerMeaning {
  const status = textAt(json, '/status')
  if (status === undefined) return 'final'
  return status === '100' ? 'accepted' : 'refused'
}
