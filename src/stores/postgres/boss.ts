import type { PgBoss } from 'pg-boss'
import type { Database } from './database.ts'
import { imported } from './pool.ts'
import { bossSchemaOf } from './schema.ts'

/**
 * A pg-boss over the store's connections, with its tables made before.
 *
 * @param options.supervise whether it ends jobs whose heartbeat stands still, and tidies up
 */
export async function startBoss(
  database: Database,
  schema: string,
  onError: (error: unknown) => void,
  { supervise = true }: { readonly supervise?: boolean } = {},
): Promise<PgBoss> {
  const { PgBoss } = await imported(() => import('pg-boss'))
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.executeSql(text, values) },
    schema: bossSchemaOf(schema),
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
  })
  boss.on('error', onError)
  await boss.start()
  return boss
}
