/** What a process does that measures what answers cost. */
export interface AnswerPlan {
  /** Of a hook and an answer. */
  readonly pairs: number
  readonly seed: number
}

/** CPU of one answer, in milliseconds: to read it, and to make an attempt of it in which nothing is shown that must not be. */
export interface AnswerCost {
  readonly kind: string
  readonly pairs: number
  readonly median: number
  readonly worst: number
  /** Of the first answer for a hook, for which all that is looked for is made. */
  readonly worstFirst: number
}

export interface AnswerCosts {
  readonly all: AnswerCost
  readonly byKind: readonly AnswerCost[]
  /** Answers of which nothing is shown, since they could not be searched. */
  readonly leftOut: number
  readonly seconds: number
}

/** As much of an answer as is ever read. */
export const answerBytes: number = 64 * 1024
