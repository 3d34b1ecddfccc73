import { longMemoryMs } from '../ledger/telling.ts'

/**
 * By how many releases what is gathered of them ends before the last one: transactions that have begun to record some may still be open.
 * What comes later is looked at when it is asked for; only workers of the version before leave some there.
 */
const openAtMost = 1000

const environment = `coalesce('=' || (r.facts ->> 'environment'), '')`
const stage = `coalesce(r.facts ->> 'stage', 'released')`
const isAnother = 'r.version <> r.last_version OR r.sha IS DISTINCT FROM r.last_sha'

/**
 * What a version without a ledger recorded last of each app and environment: the rollout, its last result, and the number of the last
 * release of any other one. Gathered once, since no index finds releases by their app, and making one would hold up all who record.
 *
 * @param schema a quoted name
 */
export function formerScopes(schema: string): string {
  return `CREATE TABLE ${schema}.former (until bigint NOT NULL, releases bigint NOT NULL);
INSERT INTO ${schema}.former
  SELECT (extract(epoch FROM pg_catalog.now()) * 1000)::bigint + ${longMemoryMs},
    coalesce((SELECT pg_catalog.max(seq) FROM ${schema}.releases), 0) - ${openAtMost}
  FROM ${schema}.migrations WHERE version = 1 AND at < pg_catalog.now();
CREATE TABLE ${schema}.former_scopes (
  app text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL,
  version text NOT NULL,
  sha text,
  other bigint,
  result text,
  PRIMARY KEY (app, environment)
);
INSERT INTO ${schema}.former_scopes
  SELECT r.app, r.environment, r.last_version, r.last_sha, pg_catalog.max(r.seq) FILTER (WHERE ${isAnother}),
    (pg_catalog.array_agg(r.stage ORDER BY r.seq DESC) FILTER (WHERE r.stage <> 'released' AND NOT (${isAnother})))[1]
  FROM (
    SELECT r.*, pg_catalog.first_value(r.version) OVER scope AS last_version, pg_catalog.first_value(r.sha) OVER scope AS last_sha
    FROM (
      SELECT r.seq, r.app, ${environment} AS environment, r.version, r.sha, ${stage} AS stage FROM ${schema}.releases r
      WHERE NOT EXISTS (SELECT FROM ${schema}.deliveries d WHERE d.replay_of IS NOT NULL AND d.release_seq = r.seq)
    ) AS r WINDOW scope AS (PARTITION BY r.app, r.environment ORDER BY r.seq DESC)
  ) AS r GROUP BY 1, 2, 3, 4;`
}

/**
 * Whether what such a version recorded of a telling `t`, as `f`, is of the rollout that is still open, and its last result if it is one. For
 * {@link tellFunction}.
 *
 * @param schema a quoted name
 */
export function stands(schema: string): string {
  return `(SELECT (f.release_seq > w.releases OR EXISTS (
                SELECT FROM ${schema}.former_scopes p WHERE p.app = t.app AND p.environment = coalesce('=' || t.environment, '')
                  AND p.version = t.version AND p.sha IS NOT DISTINCT FROM t.sha
                  AND (p.other IS NULL OR p.other < f.release_seq) AND (NOT is_result OR p.result = t.stage)))
              AND NOT EXISTS (
                SELECT FROM ${schema}.releases l WHERE l.seq > greatest(f.release_seq, w.releases) AND l.told IS NULL
                  AND l.app = t.app AND l.facts ->> 'environment' IS NOT DISTINCT FROM t.environment
                  AND (l.version <> t.version OR l.sha IS DISTINCT FROM t.sha
                    OR (is_result AND coalesce(l.facts ->> 'stage', 'released') NOT IN ('released', t.stage)))
                  AND NOT EXISTS (SELECT FROM ${schema}.deliveries d WHERE d.replay_of IS NOT NULL AND d.release_seq = l.seq))
              FROM ${schema}.former w)`
}
