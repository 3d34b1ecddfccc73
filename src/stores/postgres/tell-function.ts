import { longMemoryMs } from '../ledger/telling.ts'
import { stands } from './former-scopes.ts'
import { leastPatienceMs } from './patience.ts'

/**
 * `tell(tellings, patience_ms, widen)`: decides for each telling whether it is news, and remembers it, in the transaction that it is called
 * in. It is `judge` and `tell` of src/stores/ledger/ once more, in one place at the server: decided here, a dispatch is one statement, and
 * the scope is locked for no longer than that takes. The same property test holds both against one model.
 *
 * Every telling locks the row of its scope and, when it is news, writes it: so in READ COMMITTED whoever comes second reads what the first
 * one wrote, and in REPEATABLE READ the server refuses the second one (40001) instead of letting it read what was.
 *
 * @param schema a quoted name
 */
export function tellFunction(schema: string): string {
  return `
CREATE OR REPLACE FUNCTION ${schema}.tell(tellings json, patience_ms int, widen boolean)
RETURNS TABLE (n int, news text, ordinal text, hooks text[], unsure boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_variable
DECLARE
  t record;
  s ${schema}.told_scopes;
  r ${schema}.told_rollouts;
  f record;
  hook record;
  is_known boolean;
  is_stale boolean;
  is_open boolean;
  is_result boolean;
  forget_at bigint;
  event jsonb;
  wider jsonb;
  told_of text;
  added text[];
  same_scope text;
  heard text[];
  has_heard boolean;
  many boolean := json_array_length(tellings) > 1;
BEGIN
  IF patience_ms IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience_ms::text, true);
  END IF;
  FOR t IN SELECT * FROM json_to_recordset(tellings) AS g (
    n int, scope text, rollout text, stage text, at bigint, "key" text, key_ordinal text, nonce text,
    has_deployment boolean, now bigint, closes_after bigint, hook_ids text[], groups text[], first_ids text[],
    former_ids text[], former_hook_ids text[], app text, version text, sha text, tenant text, environment text,
    deployment text, at_text text
  ) ORDER BY g.scope COLLATE "C", g.n LOOP
    n := t.n;
    unsure := NULL;
    IF t.scope IS DISTINCT FROM same_scope THEN same_scope := t.scope; heard := '{}'; END IF;
    IF many OR patience_ms IS NULL THEN
      ${lockScope(schema)}
    ELSE
      BEGIN
        ${lockScope(schema)}
      EXCEPTION WHEN lock_not_available THEN
        -- In doubt it is told, and nothing is remembered: the other transaction may hold any of the rows.
        news := 'told'; ordinal := coalesce(t.key_ordinal, t.nonce); hooks := t.hook_ids; unsure := true;
        -- It may have the same id in hand, too, by the same key.
        PERFORM set_config('lock_timeout', '${leastPatienceMs}', true);
        RETURN NEXT;
        CONTINUE;
      END;
    END IF;
    IF s.stage = '' OR s.forget_at <= t.now THEN s.rollout := NULL; s.stage := NULL; s.result := NULL; END IF;
    SELECT * INTO r FROM ${schema}.told_rollouts o WHERE o.rollout = t.rollout;
    is_known := FOUND AND r.forget_at > t.now;
    is_stale := FOUND AND NOT is_known;
    IF is_stale THEN r := NULL; END IF;
    is_result := t.stage <> 'released';
    is_open := is_known AND CASE WHEN t.has_deployment THEN t.now - r.told_at < ${longMemoryMs}
      ELSE s.rollout IS NOT NULL AND s.rollout = t.rollout AND t.now - r.told_at < t.closes_after END;
    forget_at := t.now + CASE WHEN t.has_deployment THEN ${longMemoryMs} ELSE t.closes_after END;

    -- Told before?
    event := NULL;
    told_of := t.rollout;
    IF t."key" IS NOT NULL THEN
      SELECT o.event, o.rollout INTO event, told_of FROM ${schema}.told_keys o WHERE o."key" = t."key" AND o.forget_at > t.now;
    ELSE
      IF t.at IS NOT NULL AND is_known THEN
        SELECT o.event INTO event FROM ${schema}.told_moments o WHERE o.rollout = t.rollout AND o.stage = t.stage AND o.at = t.at;
      END IF;
      IF event IS NULL AND is_open THEN
        IF NOT is_result THEN event := r.released;
        ELSIF r.result = t.stage THEN event := r.resulted;
        END IF;
      END IF;
    END IF;
    IF event IS NOT NULL THEN
      news := 'repeated';
      ordinal := event ->> 'ordinal';
      hooks := ARRAY(SELECT jsonb_array_elements_text(event -> 'hooks'));
      IF widen THEN
        SELECT array_agg(h.id ORDER BY h.i) INTO added FROM unnest(t.hook_ids, t.groups) WITH ORDINALITY AS h (id, grouping, i)
          WHERE h.grouping IS NULL AND h.id <> ALL (hooks);
        IF added IS NOT NULL THEN
          -- Wherever it is remembered. What it is known by is remembered for longer: the key, or the rollout.
          wider := jsonb_set(event, '{hooks}', (event -> 'hooks') || to_jsonb(added));
          UPDATE ${schema}.told_scopes o SET rollout = o.rollout WHERE o.scope = t.scope;
          UPDATE ${schema}.told_moments o SET event = wider
            WHERE o.rollout = told_of AND o.stage = t.stage AND o.at = (event ->> 'at')::bigint AND o.event = event;
          UPDATE ${schema}.told_keys o SET event = wider,
            forget_at = CASE WHEN t."key" IS NULL THEN o.forget_at ELSE t.now + ${longMemoryMs} END
            WHERE o."key" = event ->> 'key' AND o.event = event;
          UPDATE ${schema}.told_rollouts o SET forget_at = CASE WHEN t."key" IS NULL THEN forget_at ELSE o.forget_at END,
            released = CASE WHEN NOT is_result AND o.released = event THEN wider ELSE o.released END,
            resulted = CASE WHEN o.result = t.stage AND o.resulted = event THEN wider ELSE o.resulted END
            WHERE o.rollout = told_of;
        END IF;
      END IF;
      RETURN NEXT;
      CONTINUE;
    END IF;

    -- Recorded by a version that kept no ledger?
    IF t.former_ids IS NOT NULL AND NOT (is_known AND t.stage = ANY (r.stages)) THEN
      SELECT d.seq, d.recorded_at, d.release_seq, l.sha, l.app, l.facts INTO f
        FROM ${schema}.deliveries d JOIN ${schema}.releases l ON l.seq = d.release_seq
        WHERE d.id = ANY (t.former_ids) ORDER BY d.seq DESC LIMIT 1;
      IF FOUND AND f.app = t.app AND f.facts ->> 'environment' IS NOT DISTINCT FROM t.environment
        AND f.facts ->> 'tenant' IS NOT DISTINCT FROM t.tenant
        AND (t."key" IS NOT NULL OR (
          f.sha IS NOT DISTINCT FROM t.sha AND f.facts ->> 'deployment' IS NOT DISTINCT FROM t.deployment
          AND t.now - f.recorded_at < t.closes_after
          AND (f.facts ->> 'at' = t.at_text OR (
            (s.rollout IS NULL OR s.rollout = t.rollout) AND (NOT is_result OR NOT is_known OR r.result IS NULL)
            AND ${stands(schema)}
          ))
        )) THEN
        news := 'repeated'; ordinal := 'former';
        hooks := ARRAY(SELECT h.id FROM unnest(t.hook_ids, t.former_ids) AS h (id, former)
          WHERE EXISTS (SELECT FROM ${schema}.deliveries d WHERE d.id = h.former));
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;

    news := CASE WHEN t.at IS NOT NULL AND is_known AND t.at < r.at THEN 'late' ELSE 'told' END;
    ordinal := coalesce(t.key_ordinal, CASE WHEN is_known AND t.stage = ANY (r.stages) THEN t.nonce ELSE '' END);
    hooks := t.hook_ids;
    -- Those with a group here want changes alone, and what is none when their last delivery did not reach them.
    IF t.groups IS NOT NULL THEN
      hooks := '{}';
      FOR hook IN SELECT * FROM unnest(t.hook_ids, t.groups, t.former_hook_ids) WITH ORDINALITY AS h (id, grouping, former, i) ORDER BY h.i LOOP
        IF hook.grouping IS NOT NULL THEN
          CONTINUE WHEN news = 'late';
          has_heard := hook.id = ANY (heard);
          IF NOT has_heard THEN
            SELECT d.state, d.recorded_at, d.release_seq INTO f FROM (
              ${latest(schema, 'hook.id')} UNION ALL ${latest(schema, 'hook.former')}
            ) AS d ORDER BY d.seq DESC LIMIT 1;
            has_heard := FOUND AND f.state <> 'dead';
          END IF;
          CONTINUE WHEN has_heard AND CASE
            WHEN s.rollout IS NOT NULL THEN CASE WHEN is_result THEN s.result ELSE s.stage END = t.stage
            ELSE t.now - f.recorded_at < ${longMemoryMs} AND t.stage = coalesce(
              (SELECT l.facts ->> 'stage' FROM ${schema}.releases l WHERE l.seq = f.release_seq), 'released')
          END;
        END IF;
        hooks := hooks || hook.id;
      END LOOP;
      -- Recorded behind all tellings of this statement.
      IF news = 'told' THEN heard := heard || hooks; END IF;
    END IF;
    -- Deliveries may be kept for longer than this remembers.
    IF ordinal = '' AND EXISTS (SELECT FROM ${schema}.deliveries d WHERE d.id = ANY (t.first_ids)) THEN ordinal := t.nonce; END IF;

    event := jsonb_build_object('ordinal', ordinal, 'hooks', to_jsonb(hooks), 'at', t.at, 'key', t."key");
    IF news = 'late' THEN
      UPDATE ${schema}.told_scopes o SET rollout = o.rollout WHERE o.scope = t.scope;
      UPDATE ${schema}.told_rollouts o SET forget_at = forget_at,
        stages = CASE WHEN t.stage = ANY (o.stages) THEN o.stages ELSE o.stages || t.stage END,
        released = CASE WHEN is_result OR (is_open AND o.released IS NOT NULL) THEN o.released ELSE event END
        WHERE o.rollout = t.rollout;
    ELSE
      UPDATE ${schema}.told_scopes o SET rollout = t.rollout, stage = t.stage,
        result = CASE WHEN is_result THEN t.stage ELSE s.result END, forget_at = t.now + ${longMemoryMs}
        WHERE o.scope = t.scope;
      INSERT INTO ${schema}.told_rollouts AS o VALUES (
        t.rollout,
        CASE WHEN NOT is_known THEN ARRAY[t.stage] WHEN t.stage = ANY (r.stages) THEN r.stages ELSE r.stages || t.stage END,
        CASE WHEN NOT is_result THEN event WHEN is_open THEN r.released END,
        CASE WHEN is_result THEN t.stage WHEN is_open THEN r.result END,
        CASE WHEN is_result THEN event WHEN is_open THEN r.resulted END,
        coalesce(t.at, CASE WHEN is_known THEN r.at END), t.now, forget_at
      ) ON CONFLICT ON CONSTRAINT told_rollouts_pkey DO UPDATE SET stages = excluded.stages, released = excluded.released,
        result = excluded.result, resulted = excluded.resulted, at = excluded.at, told_at = excluded.told_at, forget_at = excluded.forget_at;
      -- Its moments are forgotten with it. Deleted once its row is held: who prunes passes that over.
      IF is_stale THEN DELETE FROM ${schema}.told_moments o WHERE o.rollout = t.rollout; END IF;
    END IF;
    IF t."key" IS NOT NULL THEN
      INSERT INTO ${schema}.told_keys VALUES (t."key", t.rollout, event, t.now + ${longMemoryMs})
        ON CONFLICT ON CONSTRAINT told_keys_pkey DO UPDATE SET rollout = excluded.rollout, event = excluded.event, forget_at = excluded.forget_at;
    END IF;
    IF t.at IS NOT NULL THEN
      INSERT INTO ${schema}.told_moments VALUES (t.rollout, t.stage, t.at, event)
        ON CONFLICT ON CONSTRAINT told_moments_pkey DO UPDATE SET event = excluded.event;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$function$;
`
}

/** The row of the scope, made if it is not there. Pruning may take it away in between. */
function lockScope(schema: string): string {
  return `LOOP
        SELECT * INTO s FROM ${schema}.told_scopes o WHERE o.scope = t.scope FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO ${schema}.told_scopes VALUES (t.scope, '', '', NULL, t.now + ${longMemoryMs})
          ON CONFLICT ON CONSTRAINT told_scopes_pkey DO NOTHING;
      END LOOP;`
}

/** Of a hook and its group; none of a hook that had no other id. */
function latest(schema: string, hook: string): string {
  return `(SELECT d.seq, d.state, d.recorded_at, d.release_seq FROM ${schema}.deliveries d
                WHERE d.hook_id = ${hook} AND d.grouping = hook.grouping ORDER BY d.seq DESC LIMIT 1)`
}
