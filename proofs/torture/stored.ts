/** What a store has in its tables, read without the library: it is checked against what the receiver says. */

interface StoredAttempt {
  readonly number: number
  readonly startedAt: number
  readonly endedAt: number
  readonly status?: number
  /** The receipt's number, which was the answer's body. */
  readonly receipt?: number
  readonly outcome: string
  readonly code?: string
  readonly nextAt?: number
}

export interface StoredDelivery {
  readonly id: string
  /** What was recorded together has the same. */
  readonly release: number
  readonly state: string
  readonly attemptsMade: number
  readonly recordedAt: number
  readonly settledAt?: number
  /** First to last. */
  readonly attempts: StoredAttempt[]
}

type Row = Readonly<Record<string, unknown>>

/**
 * By their ids.
 *
 * @param tried in the order of the attempts
 */
export function storedDeliveries(
  recorded: Iterable<Row>,
  tried: Iterable<Row>,
): ReadonlyMap<string, StoredDelivery> {
  const deliveries = new Map<number, StoredDelivery>()
  for (const row of recorded) deliveries.set(Number(row['seq']), deliveryOf(row))
  for (const row of tried) deliveries.get(Number(row['delivery_seq']))?.attempts.push(attemptOf(row))
  return new Map([...deliveries.values()].map((delivery) => [delivery.id, delivery]))
}

function deliveryOf(row: Row): StoredDelivery {
  const { id, state, release_seq: release, attempts: attemptsMade, recorded_at: recordedAt } = row
  const optional = given({ settledAt: row['settled_at'] })
  return {
    id,
    release,
    state,
    attemptsMade,
    recordedAt,
    ...optional,
    attempts: [],
  } as unknown as StoredDelivery
}

function attemptOf(row: Row): StoredAttempt {
  const { number, started_at: startedAt, ended_at: endedAt, status, code, outcome, excerpt } = row
  const receipt = excerpt === null ? null : Number(excerpt)
  const optional = given({ status, code, receipt, nextAt: row['next_at'] })
  return { number, startedAt, endedAt, outcome, ...optional } as unknown as StoredAttempt
}

function given(values: Row): object {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  )
}
