import { DatabaseSync } from 'node:sqlite'
import { createDispatcher, type Delivery } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'

export interface FileCheck {
  /** Acknowledged, and not there. */
  readonly missing: readonly string[]
  /** Acknowledged, there, and not delivered. */
  readonly unsettled: readonly string[]
  /** There, and not acknowledged. */
  readonly others: readonly string[]
  readonly isSound: boolean
}

/** Reads what a file holds, after whoever wrote it has ended, and compares it with the versions that were acknowledged. */
export async function checkFile(path: string, acknowledged: readonly number[]): Promise<FileCheck> {
  const states = new Map<string, string>()
  for (const { release, state } of await deliveriesIn(path)) states.set(release.version, state)
  const versions = new Set(acknowledged.map((version) => `v${version}`))
  return {
    missing: [...versions].filter((version) => !states.has(version)),
    unsettled: [...versions].filter((version) => states.get(version) === 'waiting'),
    others: [...states.keys()].filter((version) => !versions.has(version)),
    isSound: isSound(path),
  }
}

async function deliveriesIn(path: string): Promise<readonly Delivery[]> {
  await using store = sqliteStore({ path })
  await using dispatcher = createDispatcher({ hooks: [], store })
  return await Array.fromAsync(dispatcher.deliveries())
}

function isSound(path: string): boolean {
  const db = new DatabaseSync(path)
  try {
    return db.prepare('PRAGMA integrity_check').get()?.['integrity_check'] === 'ok'
  } finally {
    db.close()
  }
}
