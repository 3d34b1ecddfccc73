import type { Delivery } from '../../delivery.ts'
import type { DeliveryFilter } from '../store.ts'

/** Whether a delivery has all that a filter asks for, but for what others say of it: `replayed`. */
export function matches(delivery: Delivery, filter: DeliveryFilter): boolean {
  const { release, recordedAt, outcome } = delivery
  const { environment = null, tenant = null, stage = 'released' } = release
  const verdict = outcome?.kind === 'dead' ? outcome.verdict : undefined
  const { since = -Infinity, before = Infinity } = filter
  return (
    isAsked(filter.hook, delivery.hookId) &&
    isAsked(filter.app, release.app) &&
    isAsked(filter.version, release.version) &&
    isAsked(filter.user, release.user) &&
    isAsked(filter.sha, release.sha) &&
    isAsked(filter.environment, environment) &&
    isAsked(filter.tenant, tenant) &&
    isAsked(filter.stage, stage) &&
    isAsked(filter.state, delivery.state) &&
    isAsked(filter.reason, outcome?.reason) &&
    isAsked(filter.verdict, verdict) &&
    recordedAt >= since &&
    recordedAt < before
  )
}

function isAsked<Value>(asked: Value | undefined, given: Value | undefined): boolean {
  return asked === undefined || asked === given
}
