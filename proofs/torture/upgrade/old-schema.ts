import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { formerHookId, type UpgradePlan } from './plan.ts'

/** Makes the schema `deploy_hooks` of the version before. */
export async function makeOldSchema(client: Client, plan: UpgradePlan): Promise<void> {
  const { deliveries, apps, quiet, hooks, waiting, from, everyMs } = plan
  await client.query(schema())
  const app = (number: string): string =>
    `CASE WHEN ${number} < ${quiet} THEN ${apps} + ${number} ELSE ${number} % ${apps} END`
  const hookIds = Array.from({ length: hooks }, (_, hook) => formerHookId(plan, hook))
  await client.query('CREATE TEMPORARY TABLE hook_ids (hook int PRIMARY KEY, id text)')
  await client.query(
    'INSERT INTO hook_ids SELECT n - 1, id FROM unnest($1::text[]) WITH ORDINALITY AS h (id, n)',
    [hookIds],
  )
  await client.query(`INSERT INTO deploy_hooks.releases (deliveries, app, version, "user", summary)
    SELECT 1, format('app-%s-%s', (${app('n')}) % ${hooks}, (${app('n')}) / ${hooks}), 'v' || n / ${apps} + 1, 'gabrtv', 'old'
    FROM generate_series(0, ${deliveries - 1}) AS n`)
  const id = `'dlv_' || left(encode(sha256(convert_to(format('["release","%s","%s","%s"]', r.app, r.version, h.id), 'UTF8')), 'hex'), 32)`
  await client.query(`INSERT INTO deploy_hooks.deliveries (id, hook_id, release_seq, state, attempts, recorded_at, due_at, settled_at, reason, verdict)
    SELECT ${id}, h.id, r.seq, r.state, (r.state <> 'waiting')::int, r.at, CASE WHEN r.state = 'waiting' THEN r.at END,
      CASE WHEN r.state <> 'waiting' THEN r.at + 50 END,
      CASE r.state WHEN 'dead' THEN 'status-410' WHEN 'delivered' THEN 'status-200' END, CASE WHEN r.state = 'dead' THEN 'gone' END
    FROM (SELECT *, (${from} + (seq - 1) * ${everyMs})::bigint AS at, CASE WHEN seq > ${deliveries - waiting} THEN 'waiting'
      WHEN (seq - 1) % 20 = 7 THEN 'dead' ELSE 'delivered' END AS state FROM deploy_hooks.releases) r
    JOIN hook_ids h ON h.hook = (${app('(r.seq - 1)')}) % ${hooks}`)
  await client.query('ANALYZE deploy_hooks.releases, deploy_hooks.deliveries')
}

function schema(): string {
  const path = new URL('../../../test/upgrade/postgres-version-one.sql', import.meta.url)
  return readFileSync(path, 'utf8').split('\nINSERT INTO deploy_hooks.releases', 1)[0] ?? ''
}
