import { Arena, everyCheck } from './arena.ts'
import { checkRepeats } from './checks/repeats.ts'
import { hookNames } from './plan.ts'
import type { Report } from '../shared/report.ts'
import type { TwoOptions } from './two-controllers.ts'

/** By more than a lease lasts. */
const aheadMs = 31_000

/**
 * Of two controllers one has a clock so far ahead that every lease of the other one has ended: it takes over what the other is
 * sending, as happens to a process that stood still. Both send, and the store believes one of them alone.
 */
export async function stealClaims({ deliveries, limits }: TwoOptions): Promise<Report> {
  await using arena = await Arena.open(limits)
  const plan = { releases: Math.ceil(deliveries / 2 / hookNames.length), pauseMs: 5, drain: true }
  const lives = [arena.start({ ...plan, app: 'blue' }), arena.start({ ...plan, app: 'green', aheadMs })]
  await arena.drained(lives)
  const refused = lives.reduce((sum, life) => sum + life.forgive(wasTooLate), 0)
  const checks = everyCheck.filter((check) => check !== checkRepeats) // they are sent twice
  const { title, figures, violations } = await arena.report('two, claims stolen', checks)
  const unmet = refused === 0 ? ['No claim was lost, so nothing was tried'] : []
  return {
    title,
    figures: { ...figures, 'attempts refused': refused },
    violations: [...violations, ...unmet],
  }
}

function wasTooLate({ text }: { readonly text: string }): boolean {
  return text.includes('after its lease had ended')
}
