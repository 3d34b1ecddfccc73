import type { Attempt, Delivery, Outcome } from '../../delivery.ts'
import type { Release } from '../../release.ts'
import type { Claim, NewDelivery } from '../store.ts'
import { keptJson, keptKey } from './text.ts'

/** Rows as JSON, for `json_to_recordset`: one parameter of text, which every client of PostgreSQL passes on as it is. */

/** A new delivery, with the JSON of its row and of its release's, but for the number of the release. */
export interface NewRow {
  readonly given: NewDelivery
  readonly token: number
  readonly isLeased: boolean
  readonly row: string
  readonly release: string
}

/**
 * Throws for what is no JSON.
 *
 * @param tokens one for each, which tells who recorded it
 * @param until when the lease of those without a `dueAt` ends; absent: none is leased
 */
export function newRows(
  deliveries: readonly NewDelivery[],
  tokens: readonly number[],
  until?: number,
): NewRow[] {
  const releases = new Map<Release, string>()
  return deliveries.map((given, index) => {
    const { release } = given
    const json = releases.get(release) ?? releaseJson(release)
    releases.set(release, json)
    const token = tokens[index] ?? 0
    const isLeased = given.dueAt === undefined && until !== undefined
    return { given, token, isLeased, row: rowJson(given, token, until), release: json }
  })
}

function rowJson(given: NewDelivery, token: number, until: number | undefined): string {
  const { id, hookId, recordedAt, dueAt, replayOf, again, group } = given
  return keptJson({
    id,
    hook_id: hookId,
    recorded_at: recordedAt,
    due_at: dueAt ?? recordedAt,
    leased_until: dueAt === undefined ? until : undefined,
    token,
    replay_of: replayOf,
    again: again === true ? true : undefined,
    grouping: group === undefined ? undefined : keptKey(group),
  })
}

export function releaseJson({ app, version, user, sha, summary, ...facts }: Release): string {
  const others = Object.keys(facts).length === 0 ? undefined : facts
  return keptJson({ app, version, user, sha, summary, facts: others })
}

/** JSON of a row of a delivery or a release, with the number of its release. */
export function numbered(json: string, release: number): string {
  return `${json.slice(0, -1)},"release":${release}}`
}

/** The values of the statement that records: deliveries, and each of their releases once. */
export function recordValues(rows: readonly NewRow[]): readonly [deliveries: string, releases: string] {
  const releases = new Map<Release, { readonly number: number; readonly json: string }>()
  const deliveries = rows.map(({ given: { release }, row, release: json }) => {
    const { number } = releases.get(release) ?? { number: releases.size }
    releases.set(release, { number, json })
    return numbered(row, number)
  })
  return [
    arrayOf(deliveries),
    arrayOf(Array.from(releases.values(), ({ json, number }) => numbered(json, number))),
  ]
}

/** What a settled delivery, and the attempt that settled it, write. */
export function settledJson({ delivery: { id }, token }: Claim, next: Delivery, attempt?: Attempt): string {
  const { state, attempts, dueAt, settledAt, outcome, remote, progress } = next
  const row = {
    id,
    token,
    state,
    attempts,
    due_at: dueAt,
    settled_at: settledAt,
    remote,
    progress,
    ...outcomeColumns(outcome),
  }
  return keptJson(attempt === undefined ? row : { ...row, ...attemptColumns(attempt) })
}

function outcomeColumns(outcome: Outcome | undefined): object | undefined {
  if (outcome === undefined) return undefined
  const { reason } = outcome
  if (outcome.kind === 'dead') return { reason, verdict: outcome.verdict }
  return outcome.kind === 'delivered' ? { reason } : { reason, next_at: outcome.at }
}

function attemptColumns(attempt: Attempt): object {
  const { number, startedAt, endedAt, connects, timings, status, code, excerpt, outcome, step, remote } =
    attempt
  const { dnsMs, connectMs, tlsMs, firstByteMs, totalMs } = timings
  return {
    number,
    started_at: startedAt,
    ended_at: endedAt,
    connects,
    dns_ms: dnsMs,
    connect_ms: connectMs,
    tls_ms: tlsMs,
    first_byte_ms: firstByteMs,
    total_ms: totalMs,
    status,
    code,
    excerpt,
    outcome: outcome.kind,
    step: step === 'poll' ? 0 : step,
    told: remote,
  }
}

/** For a comparison by `<` or `>=` with whole milliseconds, which come to the same for it: columns of whole numbers compare with no other. */
export function wholeTime(time: number): number {
  return Math.min(Math.max(Math.ceil(time), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
}

/** Rows that are JSON each. */
export function arrayOf(rows: readonly string[]): string {
  return `[${rows.join(',')}]`
}
