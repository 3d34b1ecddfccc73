import type { DeploymentStatus, Overlap } from '../../src/triggers/index.ts'

/** What records of triggers come to, in lists: no table, no transaction, no index. */

export interface ModelDeployment {
  readonly id: string
  readonly lane: string
  trigger: number
  call: string
  status: DeploymentStatus
  overlap: Overlap
  due: number
  leased: number
  startedAt: number
  attempt: number
  replacedBy?: string
}

export interface ModelCall {
  readonly trigger: number
  readonly lane: string
  readonly id: string
  readonly deployment: string
  readonly overlap: Overlap
  readonly at: number
  readonly key?: { readonly key: string; readonly fingerprint: string } | undefined
}

export const perMinute = 4
export const runsAtMostMs = 100_000
const isOpen = ({ status }: ModelDeployment): boolean => ['waiting', 'starting', 'running'].includes(status)

export class RecordsModel {
  readonly deployments: ModelDeployment[] = []
  readonly #revoked = new Set<number>()
  readonly #counted = new Map<number, number[]>()
  readonly #keys = new Map<string, { readonly fingerprint: string; readonly id: string }>()

  revoke(trigger: number): void {
    this.#revoked.add(trigger)
  }

  /** Outcome, and the deployment that it names. */
  take({
    trigger,
    lane,
    id,
    deployment,
    overlap,
    at,
    key,
  }: ModelCall): readonly [string, string | undefined] {
    if (this.#revoked.has(trigger)) return ['unknown', undefined]
    const known = key === undefined ? undefined : this.#keys.get(`${trigger} ${key.key}`)
    if (known !== undefined)
      return known.fingerprint === key?.fingerprint ? ['repeated', known.id] : ['key_reused', undefined]
    this.#expire(lane, at)
    const open = this.deployments.filter((each) => each.lane === lane && isOpen(each))
    const waiting = open.findLast(({ status }) => status === 'waiting')
    const recent = (this.#counted.get(trigger) ?? []).filter((time) => time > at - 60_000)
    let told: [string, string]
    if (waiting !== undefined && (overlap === 'latest' || overlap === 'cancel')) {
      Object.assign(waiting, { call: id, overlap })
      told = ['merged', waiting.id]
    } else if (open[0] !== undefined && overlap === 'skip') told = ['skipped', open[0].id]
    else if (open[0] !== undefined && overlap === 'reject') return ['busy', open[0].id]
    else {
      if (recent.length >= perMinute) return ['rate_limited', undefined]
      const fresh = { lane, trigger, overlap, due: at, leased: 0, startedAt: 0, attempt: 0 }
      this.deployments.push({ ...fresh, id: deployment, call: id, status: 'waiting' })
      this.#counted.set(trigger, [...recent, at])
      told = ['started', deployment]
    }
    if (key !== undefined)
      this.#keys.set(`${trigger} ${key.key}`, { fingerprint: key.fingerprint, id: told[1] })
    return told
  }

  start(
    lane: string,
    now: number,
    until: number,
  ): readonly [id: string, call: string, cancels: string[]] | undefined {
    this.#expire(lane, now)
    const open = this.deployments.filter((each) => each.lane === lane && isOpen(each))
    const left = open.find(({ status, leased }) => status === 'starting' && leased <= now)
    const next = left ?? open.find(({ status, due }) => status === 'waiting' && due <= now)
    if (next === undefined) return undefined
    const under = open.filter(({ status }) => status !== 'waiting')
    if (left === undefined && under.some(({ status }) => status === 'starting')) return undefined
    if (left === undefined && under.length > 0 && next.overlap !== 'cancel') return undefined
    for (const each of left === undefined ? under : [])
      Object.assign(each, { status: 'canceled', replacedBy: next.id })
    const cancels = this.deployments.filter(({ replacedBy }) => replacedBy === next.id)
    Object.assign(next, { status: 'starting', leased: until, attempt: next.attempt + 1 })
    return [next.id, next.call, cancels.map(({ id }) => id)]
  }

  started(id: string, attempt: number, now: number): void {
    const found = this.deployments.find((each) => each.id === id)
    if (found?.attempt === attempt && found.status === 'starting')
      Object.assign(found, { status: 'running', startedAt: now })
  }

  notStarted(id: string, attempt: number, againAt: number | null): void {
    const found = this.deployments.find((each) => each.id === id)
    if (found?.attempt !== attempt || found.status !== 'starting') return
    if (againAt === null) found.status = 'failed'
    else Object.assign(found, { status: 'waiting', due: againAt })
  }

  finish(id: string, status: DeploymentStatus): void {
    const found = this.deployments.find((each) => each.id === id)
    if (found !== undefined && isOpen(found)) found.status = status
  }

  #expire(lane: string, now: number): void {
    for (const each of this.deployments)
      if (each.lane === lane && each.status === 'running' && each.startedAt <= now - runsAtMostMs)
        each.status = 'unknown'
  }
}
