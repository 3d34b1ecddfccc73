-- A file of schema version 4, as its own code left it: deliveries waiting, delivered and dead, hooks failing and disabled, triggers live, rotated and
-- revoked, deployments in every status; killed at the end. Its clock stood at 2026-01-01. Never changed.
CREATE TABLE releases (
    seq INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    version TEXT NOT NULL,
    user TEXT NOT NULL,
    sha TEXT,
    summary TEXT NOT NULL,
    facts TEXT
  , told INTEGER);
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    hook_id TEXT NOT NULL,
    release_seq INTEGER NOT NULL REFERENCES releases (seq),
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    due_at INTEGER,
    leased_until INTEGER,
    owner INTEGER,
    token INTEGER,
    settled_at INTEGER,
    reason TEXT,
    verdict TEXT,
    next_at INTEGER,
    replay_of TEXT
  , remote TEXT, progress TEXT, grouping TEXT, again INTEGER);
CREATE TABLE attempts (
    delivery_seq INTEGER NOT NULL REFERENCES deliveries (seq),
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    connects INTEGER NOT NULL,
    dns_ms REAL,
    connect_ms REAL,
    tls_ms REAL,
    first_byte_ms REAL,
    total_ms REAL NOT NULL,
    status INTEGER,
    code TEXT,
    excerpt TEXT,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    verdict TEXT,
    next_at INTEGER, step INTEGER, remote TEXT,
    PRIMARY KEY (delivery_seq, number)
  ) WITHOUT ROWID;
CREATE TABLE hooks (
    id TEXT PRIMARY KEY,
    enabled INTEGER NOT NULL,
    since INTEGER NOT NULL,
    reason TEXT NOT NULL
  ) WITHOUT ROWID;
CREATE TABLE owners (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lock TEXT NOT NULL
  );
CREATE TABLE told_scopes (
    scope TEXT PRIMARY KEY,
    rollout TEXT NOT NULL,
    stage TEXT NOT NULL,
    result TEXT,
    forget_at INTEGER NOT NULL
  ) WITHOUT ROWID;
CREATE TABLE told_rollouts (
    rollout TEXT PRIMARY KEY,
    stages TEXT NOT NULL,
    released TEXT,
    result TEXT,
    resulted TEXT,
    at INTEGER,
    told_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
  ) WITHOUT ROWID;
CREATE TABLE told_keys (
    key TEXT PRIMARY KEY,
    rollout TEXT NOT NULL,
    event TEXT NOT NULL,
    forget_at INTEGER NOT NULL
  ) WITHOUT ROWID;
CREATE TABLE told_moments (
    rollout TEXT NOT NULL,
    stage TEXT NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (rollout, stage, at)
  ) WITHOUT ROWID;
CREATE TABLE former (until INTEGER NOT NULL);
CREATE TABLE triggers (
  id TEXT PRIMARY KEY,
  tenant TEXT,
  app TEXT NOT NULL,
  environment TEXT,
  dialect TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  last_used_from TEXT,
  recent TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE trigger_tokens (
  digest TEXT PRIMARY KEY,
  trigger_id TEXT NOT NULL,
  hint TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER
) WITHOUT ROWID;
CREATE TABLE trigger_lanes (
  lane TEXT PRIMARY KEY,
  made INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE trigger_deployments (
  id TEXT PRIMARY KEY,
  lane TEXT NOT NULL,
  number INTEGER NOT NULL,
  trigger_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  status TEXT NOT NULL,
  overlap TEXT NOT NULL,
  facts TEXT NOT NULL,
  depth INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  leased_until INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  external_id TEXT,
  url TEXT,
  error TEXT
) WITHOUT ROWID;
CREATE TABLE trigger_calls (
  id TEXT PRIMARY KEY,
  trigger_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  deployment_id TEXT,
  address TEXT,
  user_agent TEXT,
  facts TEXT
) WITHOUT ROWID;
CREATE TABLE trigger_keys (
  trigger_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  forget_at INTEGER NOT NULL,
  PRIMARY KEY (trigger_id, key)
) WITHOUT ROWID;
INSERT INTO releases VALUES
  (1, 'good', 'v4', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', '{"environment":"production"}', 1),
  (2, 'down', 'v4', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', '{"environment":"production"}', 1),
  (3, 'refused', 'v4', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', '{"environment":"production"}', 1),
  (4, 'gone', 'v4', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', '{"environment":"production"}', 1);
INSERT INTO deliveries VALUES
  (1, 'dlv_803e753c18b7492bec865866380a8fd7', 'one', 1, 'delivered', 1, 1767225600000, NULL, NULL, NULL, NULL, 1767225600000, 'status-204', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (2, 'dlv_31cde3a5a24dd4e2a33cef41b537599f', 'one', 2, 'waiting', 1, 1767225660000, 1767225665000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767225665000, NULL, NULL, NULL, NULL, NULL),
  (3, 'dlv_d9f3100c1dad7549fdd1ac1ba72270a1', 'two', 3, 'dead', 1, 1767225720000, NULL, NULL, NULL, NULL, 1767225720000, 'status-422', 'refused', NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 'dlv_af7d00cbd99d491a0fe88294b617a25a', 'three', 4, 'dead', 1, 1767225780000, NULL, NULL, NULL, NULL, 1767225780000, 'status-410', 'gone', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO attempts VALUES
  (1, 1, 1767225600000, 1767225600000, 1, NULL, NULL, NULL, NULL, 1.0, 204, NULL, 'said', 'delivered', 'status-204', NULL, NULL, NULL, NULL),
  (2, 1, 1767225660000, 1767225660000, 1, NULL, NULL, NULL, NULL, 1.0, 503, NULL, 'said', 'retry', 'status-503', NULL, 1767225665000, NULL, NULL),
  (3, 1, 1767225720000, 1767225720000, 1, NULL, NULL, NULL, NULL, 1.0, 422, NULL, 'said', 'dead', 'status-422', 'refused', NULL, NULL, NULL),
  (4, 1, 1767225780000, 1767225780000, 1, NULL, NULL, NULL, NULL, 1.0, 410, NULL, 'said', 'dead', 'status-410', 'gone', NULL, NULL, NULL);
INSERT INTO hooks VALUES
  ('one', 1, 1767225660000, 'failing'),
  ('three', 0, 1767225780000, 'gone'),
  ('two', 0, 1767225780000, 'operator');
INSERT INTO told_scopes VALUES
  ('-4:down10:production', '-4:down10:production2:v4c7:35b3726', 'released', NULL, 1769817660000),
  ('-4:gone10:production', '-4:gone10:production2:v4c7:35b3726', 'released', NULL, 1769817780000),
  ('-4:good10:production', '-4:good10:production2:v4c7:35b3726', 'released', NULL, 1769817600000),
  ('-7:refused10:production', '-7:refused10:production2:v4c7:35b3726', 'released', NULL, 1769817720000);
INSERT INTO told_rollouts VALUES
  ('-4:down10:production2:v4c7:35b3726', 'released', '{"ordinal":"","hooks":["one"]}', NULL, NULL, NULL, 1767225660000, 1767312060000),
  ('-4:gone10:production2:v4c7:35b3726', 'released', '{"ordinal":"","hooks":["three"]}', NULL, NULL, NULL, 1767225780000, 1767312180000),
  ('-4:good10:production2:v4c7:35b3726', 'released', '{"ordinal":"","hooks":["one"]}', NULL, NULL, NULL, 1767225600000, 1767312000000),
  ('-7:refused10:production2:v4c7:35b3726', 'released', '{"ordinal":"","hooks":["two"]}', NULL, NULL, NULL, 1767225720000, 1767312120000);
INSERT INTO triggers VALUES
  ('trg_1', NULL, 'web', 'production', 'native', '{"name":"trg_1"}', 1767225600000, NULL, NULL, 1767237600000, NULL, '[1767237600000]'),
  ('trg_2', 'acme', 'web', 'production', 'native', '{"name":"trg_2"}', 1767225600000, 1773225600000, NULL, NULL, NULL, '[]'),
  ('trg_3', NULL, 'web', 'production', 'native', '{"name":"trg_3"}', 1767225600000, NULL, 1767227400000, NULL, NULL, '[]');
INSERT INTO trigger_tokens VALUES
  ('digest of trg_1', 'trg_1', 'abcd', 1767225600000, NULL),
  ('digest of trg_2', 'trg_2', 'abcd', 1767225600000, 1779225600000),
  ('digest of trg_3', 'trg_3', 'abcd', 1767225600000, NULL),
  ('second of trg_2', 'trg_2', 'efgh', 1767227400000, NULL);
INSERT INTO trigger_lanes VALUES
  ('lane again', 2),
  ('lane canceled', 2),
  ('lane failed', 2),
  ('lane running', 2),
  ('lane skipped', 2),
  ('lane starting', 2),
  ('lane succeeded', 2),
  ('lane unknown', 3),
  ('lane waiting', 1);
INSERT INTO trigger_deployments VALUES
  ('dep_again', 'lane again', 1, 'trg_1', 'trc_again', 'waiting', 'queue', '{"params":{"n":"again"},"branch":"main"}', 0, 1, 1767226800000, 1767231000000, 1767226920000, NULL, NULL, NULL, NULL, 'not yet'),
  ('dep_canceled', 'lane canceled', 1, 'trg_1', 'trc_canceled', 'canceled', 'queue', '{"params":{"n":"canceled"},"branch":"main"}', 0, 1, 1767226800000, 1767226800000, 1767226920000, 1767226860000, 1767226980000, 'ext_canceled', 'https://platform.example/', NULL),
  ('dep_failed', 'lane failed', 1, 'trg_1', 'trc_failed', 'failed', 'queue', '{"params":{"n":"failed"},"branch":"main"}', 0, 1, 1767226800000, 1767226800000, 1767226920000, 1767226860000, 1767226980000, 'ext_failed', 'https://platform.example/', 'no'),
  ('dep_next', 'lane unknown', 3, 'trg_1', 'trc_next', 'waiting', 'queue', '{"params":{}}', 1, 0, 1767237600000, 1767237600000, 0, NULL, NULL, NULL, NULL, NULL),
  ('dep_running', 'lane running', 1, 'trg_1', 'trc_running', 'running', 'queue', '{"params":{"n":"running"},"branch":"main"}', 0, 1, 1767226800000, 1767226800000, 1767226920000, 1767226860000, NULL, 'ext_running', 'https://platform.example/', NULL),
  ('dep_skipped', 'lane skipped', 1, 'trg_1', 'trc_skipped', 'skipped', 'queue', '{"params":{"n":"skipped"},"branch":"main"}', 0, 1, 1767226800000, 1767226800000, 1767226920000, 1767226860000, 1767226980000, 'ext_skipped', 'https://platform.example/', NULL),
  ('dep_starting', 'lane starting', 1, 'trg_1', 'trc_starting', 'starting', 'queue', '{"params":{"n":"starting"},"branch":"main"}', 0, 1, 1767226800000, 1767226800000, 1767226920000, NULL, NULL, NULL, NULL, NULL),
  ('dep_succeeded', 'lane succeeded', 1, 'trg_1', 'trc_succeeded', 'succeeded', 'queue', '{"params":{"n":"succeeded"},"branch":"main"}', 0, 1, 1767226800000, 1767226800000, 1767226920000, 1767226860000, 1767226980000, 'ext_succeeded', 'https://platform.example/', NULL),
  ('dep_unknown', 'lane unknown', 1, 'trg_1', 'trc_unknown', 'unknown', 'queue', '{"params":{"n":"unknown"},"branch":"main"}', 0, 1, 1767226800000, 1767226800000, 1767226920000, 1767226860000, 1767237600000, NULL, NULL, NULL),
  ('dep_waiting', 'lane waiting', 1, 'trg_1', 'trc_waiting', 'waiting', 'queue', '{"params":{"n":"waiting"},"branch":"main"}', 0, 0, 1767226800000, 1767226800000, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO trigger_calls VALUES
  ('trc_again', 'trg_1', 1767226800000, 'started', 'dep_again', NULL, NULL, '{"params":{"n":"again"},"branch":"main"}'),
  ('trc_canceled', 'trg_1', 1767226800000, 'started', 'dep_canceled', NULL, NULL, '{"params":{"n":"canceled"},"branch":"main"}'),
  ('trc_failed', 'trg_1', 1767226800000, 'started', 'dep_failed', NULL, NULL, '{"params":{"n":"failed"},"branch":"main"}'),
  ('trc_next', 'trg_1', 1767237600000, 'started', 'dep_next', NULL, NULL, '{"params":{}}'),
  ('trc_refused', 'trg_1', 1767227400000, 'source_refused', NULL, '::1', 'curl', NULL),
  ('trc_running', 'trg_1', 1767226800000, 'started', 'dep_running', NULL, NULL, '{"params":{"n":"running"},"branch":"main"}'),
  ('trc_skipped', 'trg_1', 1767226800000, 'started', 'dep_skipped', NULL, NULL, '{"params":{"n":"skipped"},"branch":"main"}'),
  ('trc_starting', 'trg_1', 1767226800000, 'started', 'dep_starting', NULL, NULL, '{"params":{"n":"starting"},"branch":"main"}'),
  ('trc_succeeded', 'trg_1', 1767226800000, 'started', 'dep_succeeded', NULL, NULL, '{"params":{"n":"succeeded"},"branch":"main"}'),
  ('trc_unknown', 'trg_1', 1767226800000, 'started', 'dep_unknown', NULL, NULL, '{"params":{"n":"unknown"},"branch":"main"}'),
  ('trc_waiting', 'trg_1', 1767226800000, 'started', 'dep_waiting', NULL, NULL, '{"params":{"n":"waiting"},"branch":"main"}');
INSERT INTO trigger_keys VALUES
  ('trg_1', 'k', 'f', 'dep_running', 1767313200000);
CREATE INDEX deliveries_due ON deliveries (hook_id, due_at) WHERE state = 'waiting' AND leased_until IS NULL;
CREATE INDEX deliveries_leased ON deliveries (hook_id, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX deliveries_settled ON deliveries (state, settled_at, hook_id) WHERE settled_at IS NOT NULL;
CREATE INDEX deliveries_release ON deliveries (release_seq);
CREATE INDEX deliveries_replay ON deliveries (replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX deliveries_grouping ON deliveries (hook_id, grouping) WHERE grouping IS NOT NULL;
CREATE INDEX releases_untold ON releases (app, facts ->> '$.environment') WHERE told IS NULL;
CREATE INDEX triggers_app ON triggers (app, id);
CREATE INDEX trigger_tokens_trigger ON trigger_tokens (trigger_id);
CREATE INDEX trigger_deployments_open ON trigger_deployments (lane, number) WHERE finished_at IS NULL;
CREATE INDEX trigger_deployments_due ON trigger_deployments (status, due_at) WHERE finished_at IS NULL;
CREATE INDEX trigger_deployments_external ON trigger_deployments (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX trigger_deployments_trigger ON trigger_deployments (trigger_id, created_at, number);
CREATE INDEX trigger_deployments_finished ON trigger_deployments (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX trigger_calls_trigger ON trigger_calls (trigger_id, at, id);
CREATE INDEX trigger_keys_forget ON trigger_keys (forget_at);
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'owners';
UPDATE sqlite_sequence SET seq = 4 WHERE name = 'deliveries';
PRAGMA application_id = 1684564785;
PRAGMA user_version = 4;
