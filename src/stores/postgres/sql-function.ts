/** Queue of pg-boss with the releases that the SQL function was given. */
export const releasesQueue = 'releases'

/** What the SQL function notifies with: there are releases to take. */
export const releasesNotice = 'releases'

/** What the SQL function leaves in the queue. */
export interface LeftRelease {
  readonly release: unknown
  /** Null: none. */
  readonly idempotencyKey: string | null
  /** Epoch milliseconds by the server's clock, which goes on within a transaction; absent in what an older version left. */
  readonly at?: number
  /** In the order in which they were left. */
  readonly number?: number
}

/**
 * `dispatch(release, idempotency_key)` for controllers in other languages, called in a transaction of theirs. It checks what a worker
 * would refuse for certain, since nobody waits for the worker's answer. The insert applies the queue's settings, as that of pg-boss
 * does (`insertJobs`).
 *
 * It runs as its owner, with a search path of its own, so that a role needs no more than to execute it; nobody may unless granted.
 *
 * @param schema checked identifiers, as are those of pg-boss's schema and the channel
 */
export function dispatchFunction({
  schema,
  bossSchema,
  channel,
}: {
  readonly schema: string
  readonly bossSchema: string
  readonly channel: string
}): string {
  return `
CREATE OR REPLACE FUNCTION ${schema}.dispatch(release jsonb, idempotency_key text DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  field text;
  given jsonb;
  kind text := coalesce(jsonb_typeof(release), 'null');
  job uuid;
  left_at timestamptz := clock_timestamp(); -- not now(), which is the same for all of a transaction: a backlog keeps its order
BEGIN
  IF kind <> 'object' THEN
    RAISE EXCEPTION 'release: Expected a JSON object, got %.', kind USING ERRCODE = '22023';
  END IF;
  FOREACH field IN ARRAY ARRAY['app', 'version', 'user'] LOOP
    given := release -> field;
    kind := coalesce(jsonb_typeof(given), 'nothing');
    CONTINUE WHEN kind = 'string' AND length(given #>> '{}') BETWEEN 1 AND 2000;
    IF field = 'version' AND kind = 'number' THEN
      CONTINUE WHEN given::numeric > 0 AND given::numeric = trunc(given::numeric) AND given::numeric < 9007199254740992;
    END IF;
    RAISE EXCEPTION 'release.%: Expected %a non-empty string of at most 2,000 characters, got %.',
      field,
      CASE field WHEN 'version' THEN 'a positive integer or ' ELSE '' END,
      CASE
        WHEN kind = 'number' THEN 'the number ' || left(given #>> '{}', 40)
        WHEN kind = 'string' THEN 'one of ' || length(given #>> '{}')
        ELSE kind
      END
      USING ERRCODE = '22023';
  END LOOP;
  IF idempotency_key = '' OR length(idempotency_key) > 2000 THEN
    RAISE EXCEPTION 'idempotency_key: Expected NULL or a non-empty string of at most 2,000 characters, got one of %.',
      length(idempotency_key) USING ERRCODE = '22023';
  END IF;
  INSERT INTO ${bossSchema}.job (
    name, data, start_after, keep_until, expire_seconds, deletion_seconds, retry_limit, retry_delay, retry_backoff,
    retry_delay_max, policy, dead_letter, heartbeat_seconds, created_on
  )
  SELECT
    name, jsonb_build_object('release', release, 'idempotencyKey', idempotency_key, 'number', nextval('${schema}.left_releases'),
      'at', (extract(epoch FROM left_at) * 1000)::bigint), now(),
    now() + retention_seconds * interval '1s', expire_seconds, deletion_seconds, retry_limit, retry_delay, retry_backoff,
    retry_delay_max, policy, dead_letter, heartbeat_seconds, left_at
  FROM ${bossSchema}.queue WHERE name = '${releasesQueue}'
  RETURNING id INTO job;
  IF job IS NULL THEN
    RAISE EXCEPTION 'Expected pg-boss to have a queue named ${releasesQueue} in schema ${bossSchema}, found none.'
      USING ERRCODE = '55000';
  END IF;
  PERFORM pg_notify('${channel}', '${releasesNotice}');
  RETURN job;
END
$function$;
REVOKE ALL ON FUNCTION ${schema}.dispatch(jsonb, text) FROM PUBLIC;
`
}
