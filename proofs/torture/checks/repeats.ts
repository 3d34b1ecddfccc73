import type { Evidence, Limits } from '../evidence.ts'
import type { Receipt } from '../ledger.ts'
import type { Interruption } from '../life.ts'
import { sentFor, type Sent } from '../sent.ts'
import { violationOf, type Finding } from '../../shared/report.ts'

/**
 * What was sent and is not in the store was in flight when its sender ended or stood still, or when the store was away. Only that is
 * sent again although nothing failed, and after that.
 */
export function checkRepeats(evidence: Evidence, limits: Limits): Finding {
  const { outages } = evidence
  const all = [...evidence.receipts.keys()].map((id) => sentFor(id, evidence))
  const inFlight = all.flat().filter(({ recorded }) => recorded === undefined)
  const twice = all.filter((sent) => sent.filter(({ receipt }) => arrived(receipt)).length > 1)
  const explained = (sent: Sent): number | undefined =>
    endOf(sent, limits) ?? interruptionOf(sent, [...sent.life.stops, ...outages], limits)
  const unexplained = inFlight.filter((sent) => explained(sent) === undefined)
  const byOutage = inFlight.filter((sent) => isByOutage(sent, outages, limits))
  const early = all.flatMap((sent) => sentTooEarly(sent, explained))
  return {
    figures: {
      'requests received': all.flat().length,
      'in flight when their sender ended': inFlight.length - byOutage.length,
      ...(outages.length > 0 && { 'in flight when the store was away alone': byOutage.length }),
      ...(all.flat().some(({ life }) => life.stops.length > 0) && {
        'begun before their sender stood still, arrived after': all.flat().filter(isHeldUp).length,
      }),
      'deliveries answered 200 twice': twice.length,
      'repeated without such an end': unexplained.length + early.length,
    },
    violations: [
      ...violationOf(
        unexplained.map((sent) => shown(sent)),
        'Requests are not in the store, and were not in flight when their sender ended',
      ),
      ...violationOf(
        early.map((sent) => historyOf(sent, all)),
        'Requests were sent while another for the same delivery counted',
      ),
    ],
  }
}

function arrived({ status, answeredAt }: Receipt): boolean {
  return status === 200 && answeredAt !== undefined
}

/** It was about to be written when its sender was stopped, and no sender can look whether it may once more then. */
function isHeldUp({ receipt: { begunAt, at }, life: { stops } }: Sent): boolean {
  return stops.some(({ from, until }) => begunAt <= from && at >= until)
}

/** When its sender's end explains that the store knows nothing of it: since when it may be sent again. */
function endOf(
  { receipt: { answeredAt = Infinity }, life }: Sent,
  { settlingMs }: Limits,
): number | undefined {
  const { how, askedAt = 0, endedAt = 0 } = life.ending ?? {}
  if (how === 'killed' && answeredAt > askedAt - settlingMs) return askedAt
  // Until its deadline is over, it waits for answers and records them.
  const deadline = askedAt + life.plan.closeMs
  const isLeft = how === 'terminated' && endedAt >= deadline && answeredAt > deadline - aTurn
  return isLeft ? askedAt : undefined
}

/** From an answer given to an answer read, in milliseconds. */
const aTurn = 250

/** The first that it was in flight in, or could not be recorded in: since when it may be sent again. */
function interruptionOf(
  { at, receipt: { answeredAt = Infinity } }: Sent,
  interruptions: readonly Interruption[],
  { settlingMs }: Limits,
): number | undefined {
  return interruptions.find(({ from, until }) => at <= until && answeredAt > from - settlingMs)?.from
}

/** Its sender went on all the time. */
function isByOutage(sent: Sent, outages: readonly Interruption[], limits: Limits): boolean {
  const own = endOf(sent, limits) ?? interruptionOf(sent, sent.life.stops, limits)
  return own === undefined && interruptionOf(sent, outages, limits) !== undefined
}

/** All that was sent for the same delivery. */
function historyOf({ receipt: { id } }: Sent, all: readonly (readonly Sent[])[]): string {
  const sent = all.find(([first]) => first?.receipt.id === id) ?? []
  return sent.map((one) => `${shown(one)}, recorded as ${one.recorded ?? 'nothing'}`).join('; then ')
}

/** Those sent while the request before them was in flight, or after it had delivered. */
function sentTooEarly(sent: readonly Sent[], explained: (sent: Sent) => number | undefined): readonly Sent[] {
  return sent.filter(({ at }, index) => {
    const before = sent[index - 1]
    if (before === undefined) return false
    if (before.recorded === undefined) return at < (explained(before) ?? Infinity)
    return before.recorded !== 'retry' || at < (before.receipt.answeredAt ?? Infinity)
  })
}

function shown({
  at,
  receipt: { id, number, life, status, answeredAt },
  life: { ending, stops },
}: Sent): string {
  const answer = answeredAt === undefined ? 'not answered' : `answered ${status} ${answeredAt - at} ms later`
  const end = ending === undefined ? 'lives' : `was ${ending.how} ${ending.askedAt - at} ms later`
  const still = stops.map(({ from, until }) => `, stood still from ${from - at} to ${until - at} ms`).join('')
  return `${id} (request ${number} begun at ${at}, ${answer}; its sender, process ${life}, ${end}${still})`
}
