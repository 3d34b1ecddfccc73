import { hash } from 'node:crypto'
import { parseRelease, type Attempt, type NewDelivery } from 'deploy-hooks'
import { createReleases } from './releases.ts'

/** Makes what a dispatcher records: for each release one delivery to each of so many hooks. None was recorded before. */
export function createRecords(
  app: string,
  dueAt?: number,
): (releases: number, hooks: number) => NewDelivery[][] {
  const next = createReleases(app)
  return (releases, hooks) =>
    Array.from({ length: releases }, () => {
      const release = parseRelease(next())
      const recordedAt = Date.now()
      return Array.from({ length: hooks }, (_, hook) => {
        const hookId = `hook-${hook}`
        const id = idOf(['release', app, release.version, hookId])
        return { id, hookId, release, recordedAt, dueAt }
      })
    })
}

/** As the dispatcher makes them: of this length, and in no order. */
function idOf(key: readonly string[]): string {
  return `dlv_${hash('sha256', JSON.stringify(key), 'hex').slice(0, 32)}`
}

/** The next of what was prepared. */
export function taken<Prepared>(prepared: Prepared[]): Prepared {
  const next = prepared.pop()
  if (next === undefined) throw new RangeError('Expected enough to be prepared')
  return next
}

/** What a dispatcher settles a delivery with that arrived at once. */
export function attemptOf(deliveryId: string): Attempt {
  const now = Date.now()
  return {
    deliveryId,
    number: 1,
    startedAt: now,
    endedAt: now,
    connects: 1,
    timings: { dnsMs: 0, connectMs: 0.25, firstByteMs: 1.5, totalMs: 1.75 },
    status: 200,
    excerpt: 'ok',
    outcome: { kind: 'delivered', reason: 'status-200' },
  }
}
