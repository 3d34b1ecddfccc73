import type { Attempt, Delivery, Outcome, Progress, Reason, Verdict } from '../delivery.ts'
import type { Release } from '../release.ts'
import type { HookState, NewDelivery } from './store.ts'

/** Between rows of the tables of a database and the values of the contract, both ways. JSON is text, and absent is null. */

export type Row = Readonly<Record<string, unknown>>
export type Value = string | number | null

/** What {@link deliveryOf} reads. */
export const deliveryColumns = `
  d.seq, d.id, d.hook_id, d.state, d.attempts, d.recorded_at, d.due_at, d.settled_at, d.reason, d.verdict, d.next_at,
  d.replay_of, d.again, d.remote, d.progress, r.app, r.version, r.user, r.sha, r.summary, r.facts
`

export function deliveryOf(row: Row): Delivery {
  const progress = parsed(row['progress']) as Progress | undefined
  return {
    id: String(row['id']),
    hookId: String(row['hook_id']),
    release: releaseOf(row),
    state: row['state'] as Delivery['state'],
    attempts: Number(row['attempts']),
    recordedAt: Number(row['recorded_at']),
    ...optional('dueAt', row['due_at']),
    ...(row['reason'] === null ? undefined : { outcome: outcomeOf(kindOf(row, progress), row) }),
    ...optional('settledAt', row['settled_at']),
    ...optional('replayOf', row['replay_of']),
    ...(row['again'] === null ? undefined : { again: true }),
    ...optional('remote', parsed(row['remote'])),
    ...optional('progress', progress),
  }
}

export function releaseOf(row: Row): Release {
  return {
    app: row['app'],
    version: row['version'],
    user: row['user'],
    ...optional('sha', row['sha']),
    summary: row['summary'],
    ...parsed(row['facts']),
  } as unknown as Release
}

/** New deliveries, as flat as can be: objects take three times as long to clone. */
export interface NewValues {
  /** Columns app, version, user, sha, summary, facts of each release. */
  readonly releases: readonly (readonly Value[])[]
  /** Of each delivery: id, hook_id, index of its release, recorded_at, due_at (null when it is claimed by its recorder), replay_of, again, grouping. */
  readonly deliveries: readonly (readonly Value[])[]
}

export function newValues(given: readonly NewDelivery[]): NewValues {
  const indexes = new Map<Release, number>()
  const deliveries = given.map(
    ({ id, hookId, release, recordedAt, dueAt = null, replayOf = null, again = false, group = null }) => {
      const index = indexes.get(release) ?? indexes.size
      indexes.set(release, index)
      return [id, hookId, index, recordedAt, dueAt, replayOf, again ? 1 : null, group]
    },
  )
  return { releases: [...indexes.keys()].map(releaseValues), deliveries }
}

function releaseValues({ app, version, user, sha, summary, ...facts }: Release): readonly Value[] {
  const others = Object.keys(facts).length === 0 ? undefined : facts
  return [app, version, user, sha ?? null, summary, jsonOf(others)]
}

/** A waiting delivery is to be retried, unless its last attempt came to something. */
function kindOf(row: Row, progress: Progress | undefined): string {
  if (row['state'] !== 'waiting') return String(row['state'])
  return progress?.attempt === row['attempts'] ? 'accepted' : 'retry'
}

function outcomeOf(kind: string, row: Row): Outcome {
  const reason = row['reason'] as Reason
  if (kind === 'delivered') return { kind, reason }
  if (kind === 'dead') return { kind, reason, verdict: row['verdict'] as Verdict }
  return { kind: kind === 'accepted' ? kind : 'retry', reason, at: Number(row['next_at']) }
}

/** Columns reason, verdict, next_at. */
function outcomeValues(outcome: Outcome | undefined): readonly Value[] {
  if (outcome === undefined) return [null, null, null]
  return [
    outcome.reason,
    outcome.kind === 'dead' ? outcome.verdict : null,
    'at' in outcome ? outcome.at : null,
  ]
}

/** Columns state to next_at, remote and progress, of a delivery that was settled. */
export function settledValues(delivery: Delivery): readonly Value[] {
  const { state, attempts, dueAt, settledAt, outcome, remote, progress } = delivery
  const outcomes = outcomeValues(outcome)
  return [state, attempts, dueAt ?? null, settledAt ?? null, ...outcomes, jsonOf(remote), jsonOf(progress)]
}

/** Columns number to remote. */
export function attemptValues(attempt: Attempt): readonly Value[] {
  const { number, startedAt, endedAt, connects, timings, status, code, excerpt, outcome, step } = attempt
  const { dnsMs, connectMs, tlsMs, firstByteMs, totalMs } = timings
  const phases = [dnsMs ?? null, connectMs ?? null, tlsMs ?? null, firstByteMs ?? null, totalMs]
  const seen = [status ?? null, code ?? null, excerpt ?? null]
  const came = [outcome.kind, ...outcomeValues(outcome)]
  const told = [step === 'poll' ? 0 : (step ?? null), jsonOf(attempt.remote)]
  return [number, startedAt, endedAt, connects, ...phases, ...seen, ...came, ...told]
}

export function attemptOf(deliveryId: string, row: Row): Attempt {
  return {
    deliveryId,
    number: row['number'],
    startedAt: row['started_at'],
    endedAt: row['ended_at'],
    connects: row['connects'],
    timings: {
      ...optional('dnsMs', row['dns_ms']),
      ...optional('connectMs', row['connect_ms']),
      ...optional('tlsMs', row['tls_ms']),
      ...optional('firstByteMs', row['first_byte_ms']),
      totalMs: row['total_ms'],
    },
    ...optional('status', row['status']),
    ...optional('code', row['code']),
    ...optional('excerpt', row['excerpt']),
    outcome: outcomeOf(String(row['outcome']), row),
    ...optional('step', row['step'] === 0 ? 'poll' : row['step']),
    ...optional('remote', parsed(row['remote'])),
  } as unknown as Attempt
}

export function hookStateOf(row: Row): HookState {
  const { id, enabled, since, reason, url, memory } = row
  return {
    hookId: String(id),
    enabled: Number(enabled) === 1,
    since: Number(since),
    reason: String(reason),
    ...optional('url', url),
    ...optional('memory', parsed(memory)),
  }
}

export function jsonOf(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

function parsed(json: unknown): object | undefined {
  return json === null || json === undefined ? undefined : (JSON.parse(json as string) as object)
}

function optional(name: string, value: unknown): object | undefined {
  return value === null || value === undefined ? undefined : { [name]: value }
}
