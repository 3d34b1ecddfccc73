import type { Evidence, Limits } from '../evidence.ts'
import type { Receipt } from '../ledger.ts'
import { sentFor, type Sent } from '../sent.ts'
import { violationOf, type Finding } from '../report.ts'

/**
 * What was sent and is not in the file was in flight when its sender ended. Only that is sent again although nothing failed,
 * and after that end.
 */
export function checkRepeats(evidence: Evidence, limits: Limits): Finding {
  const all = [...evidence.receipts.keys()].map((id) => sentFor(id, evidence))
  const inFlight = all.flat().filter(({ recorded }) => recorded === undefined)
  const twice = all.filter((sent) => sent.filter(({ receipt }) => arrived(receipt)).length > 1)
  const unexplained = inFlight.filter((sent) => !isExcused(sent, limits)).map((sent) => shown(sent))
  const early = all.flatMap((sent) => sentTooEarly(sent)).map((sent) => shown(sent))
  return {
    figures: {
      'requests received': all.flat().length,
      'in flight when their sender ended': inFlight.length,
      'deliveries answered 200 twice': twice.length,
      'repeated without such an end': unexplained.length + early.length,
    },
    violations: [
      ...violationOf(
        unexplained,
        'Requests are not in the file, and were not in flight when their sender ended',
      ),
      ...violationOf(early, 'Requests were sent while another for the same delivery counted'),
    ],
  }
}

function arrived({ status, answeredAt }: Receipt): boolean {
  return status === 200 && answeredAt !== undefined
}

/** Whether the sender's end explains that the file knows nothing of it. */
function isExcused({ receipt: { answeredAt = Infinity }, life }: Sent, { settlingMs }: Limits): boolean {
  const { how, askedAt = 0, endedAt = 0 } = life.ending ?? {}
  if (how === 'killed') return answeredAt > askedAt - settlingMs
  // Until its deadline is over, it waits for answers and records them.
  const deadline = askedAt + life.plan.closeMs
  return how === 'terminated' && endedAt >= deadline && answeredAt > deadline - aTurn
}

/** From an answer given to an answer read, in milliseconds. */
const aTurn = 250

/** Those sent while the request before them was in flight, or after it had delivered. */
function sentTooEarly(sent: readonly Sent[]): readonly Sent[] {
  return sent.filter(({ at }, index) => {
    const before = sent[index - 1]
    if (before === undefined) return false
    if (before.recorded === undefined) return at < (before.life.ending?.askedAt ?? Infinity)
    return before.recorded !== 'retry' || at < (before.receipt.answeredAt ?? Infinity)
  })
}

function shown({ receipt: { id, number, life, at, status, answeredAt }, life: { ending } }: Sent): string {
  const answer = answeredAt === undefined ? 'not answered' : `answered ${status} at ${answeredAt - at} ms`
  const end = ending === undefined ? 'lives' : `was ${ending.how} at ${ending.askedAt - at} ms`
  return `${id} (request ${number} at 0 ms, ${answer}; its sender, process ${life}, ${end})`
}
