import { answerBytes, type AnswerCost, type AnswerPlan } from '../answers/answer-plan.ts'
import { measureAnswers } from '../answers/measure.ts'
import { shown, tableOf } from '../../shared/table.ts'

const mostMs = 5
const mostFirstMs = 10

export interface AnswersOptions extends AnswerPlan {
  readonly say: (progress: string) => void
}

export async function section({ pairs, seed, say }: AnswersOptions): Promise<string> {
  const { all, byKind, leftOut, seconds } = await measureAnswers({ pairs, seed })
  say(`answers: worst ${shown(all.worst, 2)} ms, of a first one ${shown(all.worstFirst, 2)} ms`)
  if (all.worst > mostMs || all.worstFirst > mostFirstMs || leftOut > 0) process.exitCode = 1
  const rows = [all, ...byKind.toSorted((one, other) => one.kind.localeCompare(other.kind))]
  return `
## Answers that are made to cost much

CPU time to read an answer of ${answerBytes / 1024} KiB and to make an attempt of it, with every secret of its hook masked. ${all.pairs.toLocaleString('en')} pairs of a URL and an
answer, of the same units on both sides: repeated, nested in one another, mixed; of one long value and of many short ones; and kinds by name, of
which some stopped the event loop before. Its first answer is that for which all is made that is looked for. It may take ${mostMs} ms at most, and a first
one ${mostFirstMs} ms. What took more than 2 ms was done again, three times, and of what always did the least of three means of ten counts: others on the
machine only make it slower. The code is compiled before. Answers of which nothing was shown, since they could not be searched: ${leftOut}. Seed ${seed}, ${shown(seconds, 0)} seconds.

${tableOf(rows, columns)}
`
}

const columns: Parameters<typeof tableOf<AnswerCost>>[1] = [
  { title: 'URL', cell: ({ kind }) => kind },
  { title: 'pairs', cell: ({ pairs }) => shown(pairs, 0) },
  { title: 'median ms', cell: ({ median }) => shown(median, 2) },
  { title: 'worst ms', cell: ({ worst }) => `**${shown(worst, 2)}**` },
  { title: 'worst ms, first answer', cell: ({ worstFirst }) => `**${shown(worstFirst, 2)}**` },
]
