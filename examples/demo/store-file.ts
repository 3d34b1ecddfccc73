import { sqliteStore } from 'deploy-hooks/sqlite'
import type { Attempt, Delivery } from 'deploy-hooks'

/** A delivery as it stands in the file, with what was tried for it. */
export interface Kept {
  readonly delivery: Delivery
  readonly attempts: readonly Attempt[]
}

/** Reads what the file holds, as any process of this machine may at any time. */
export async function readStore(path: string): Promise<readonly Kept[]> {
  await using store = sqliteStore({ path })
  const { deliveries } = await store.list({}, { limit: 100 })
  const attempts = await Promise.all(deliveries.map(({ id }) => store.attempts(id)))
  return deliveries.map((delivery, index) => ({ delivery, attempts: attempts[index] ?? [] }))
}
