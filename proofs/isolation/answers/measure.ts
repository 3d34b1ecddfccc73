import { runInChild } from '../../shared/child.ts'
import type { AnswerCosts, AnswerPlan } from './answer-plan.ts'

/** What answers cost that are made to cost much, for hooks that are made so too. */
export function measureAnswers(plan: AnswerPlan): Promise<AnswerCosts> {
  return runInChild<AnswerCosts>(new URL('cost-process.ts', import.meta.url), [JSON.stringify(plan)])
}
