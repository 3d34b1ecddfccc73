-- A file of the version before, schema version 6, as its own code left it: that of version 5, brought to 6 by it, with all that a ledger
-- remembers: rollouts that are open and closed, with a deployment, with times, keys, tenants, one that is late and one that no hook wanted, and a
-- delivery each that was delivered, died, is to be tried again and is claimed; killed at the end. Never changed.
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
  , url TEXT, memory TEXT) WITHOUT ROWID;
CREATE TABLE owners (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lock TEXT NOT NULL
  );
CREATE INDEX deliveries_due ON deliveries (hook_id, due_at) WHERE state = 'waiting' AND leased_until IS NULL;
CREATE INDEX deliveries_leased ON deliveries (hook_id, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX deliveries_settled ON deliveries (state, settled_at, hook_id) WHERE settled_at IS NOT NULL;
CREATE INDEX deliveries_release ON deliveries (release_seq);
CREATE INDEX deliveries_replay ON deliveries (replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX deliveries_grouping ON deliveries (hook_id, grouping) WHERE grouping IS NOT NULL;
CREATE INDEX releases_untold ON releases (app, facts ->> '$.environment') WHERE told IS NULL;
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
CREATE INDEX triggers_app ON triggers (app, id);
CREATE TABLE trigger_tokens (
  digest TEXT PRIMARY KEY,
  trigger_id TEXT NOT NULL,
  hint TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER
) WITHOUT ROWID;
CREATE INDEX trigger_tokens_trigger ON trigger_tokens (trigger_id);
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
, failures INTEGER NOT NULL DEFAULT 0, replaced_by TEXT) WITHOUT ROWID;
CREATE INDEX trigger_deployments_open ON trigger_deployments (lane, number) WHERE finished_at IS NULL;
CREATE INDEX trigger_deployments_due ON trigger_deployments (status, due_at) WHERE finished_at IS NULL;
CREATE INDEX trigger_deployments_external ON trigger_deployments (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX trigger_deployments_trigger ON trigger_deployments (trigger_id, created_at, number);
CREATE INDEX trigger_deployments_finished ON trigger_deployments (finished_at) WHERE finished_at IS NOT NULL;
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
CREATE INDEX trigger_calls_trigger ON trigger_calls (trigger_id, at, id);
CREATE TABLE trigger_keys (
  trigger_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  forget_at INTEGER NOT NULL,
  PRIMARY KEY (trigger_id, key)
) WITHOUT ROWID;
CREATE INDEX trigger_keys_forget ON trigger_keys (forget_at);
CREATE INDEX trigger_deployments_replaced ON trigger_deployments (replaced_by) WHERE replaced_by IS NOT NULL;
CREATE TABLE hook_names (
    id TEXT PRIMARY KEY,
    shown TEXT NOT NULL,
    target TEXT NOT NULL,
    since INTEGER NOT NULL
  ) WITHOUT ROWID;
INSERT INTO releases ("seq", "app", "version", "user", "sha", "summary", "facts", "told") VALUES
  (1, 'web', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (2, 'web', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726: succeeded', '{"stage":"succeeded"}', NULL),
  (3, 'web', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (4, 'web', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726: failed', '{"stage":"failed"}', NULL),
  (5, 'web', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726: rolled back', '{"stage":"rolled-back"}', NULL),
  (6, 'api', 'v3', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', '{"environment":"production","at":"2026-01-01T00:04:00.000Z"}', NULL),
  (7, 'api', 'v4', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (8, 'refuses', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (9, 'gone', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (10, 'unwanted', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (11, 'later', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (12, 'gone', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (13, 'refuses', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (14, 'down', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (15, 'refuses', 'v3', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (16, 'build', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (17, 'build', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (18, 'build', 'v3', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (19, 'build', 'v4', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (20, 'build', 'v5', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (21, 'steps', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (22, 'steps', '..', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (23, 'newest', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (24, 'newest', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (25, 'refuses', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (26, 'refuses', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (27, 'down', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (28, 'ask', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (29, 'off', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (30, 'web', 'v5', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (31, 'web', 'v5', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726: failed', '{"stage":"failed"}', NULL),
  (32, 'api', 'v6', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (33, 'api', 'v7', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', '{"environment":"staging","previous":"v6","meta":{"team":"ops"}}', NULL),
  (34, 'busy', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (35, 'build', 'v7', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, NULL),
  (36, 'own', 'v1', 'gabrtv', NULL, '', '{"environment":"e-738418"}', 1),
  (37, 'paused', 'v1', 'gabrtv', NULL, '', '{"environment":"e-999193"}', 1),
  (38, 'paced', 'v1', 'gabrtv', NULL, '', '{"environment":"e-633569"}', 1),
  (39, 'paced', 'v1', 'gabrtv', NULL, '', '{"environment":"e-786428"}', 1),
  (40, 'web', 'v10', 'gabrtv', NULL, 'gabrtv deployed v10', '{"environment":"production","deployment":"d-10"}', 1),
  (41, 'web', 'v10', 'gabrtv', NULL, 'gabrtv deployed v10: failed', '{"stage":"failed","environment":"production","deployment":"d-10","at":"2026-01-01T03:26:00.000Z"}', 1),
  (42, 'api', 'v10', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', '{"tenant":"acme"}', 1),
  (43, 'web', 'v11', 'gabrtv', NULL, 'gabrtv deployed v11', NULL, 1),
  (44, 'took', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (45, 'refused', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (46, 'pausing', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (47, 'moved', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (48, 'failing', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (49, 'opens', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (50, 'keeps-pace', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (51, 'keeps-pace', 'v2', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (52, 'held', 'v1', 'gabrtv', '35b3726', 'gabrtv deployed 35b3726', NULL, 1),
  (53, 'web', 'v20', 'gabrtv', 'aaaa', 'gabrtv deployed aaaa', NULL, 1),
  (54, 'web', 'v21', 'gabrtv', 'bbbb', 'gabrtv deployed bbbb', NULL, 1),
  (55, 'web', 'v21', 'gabrtv', 'bbbb', 'gabrtv deployed bbbb: failed', '{"stage":"failed"}', 1),
  (56, 'web', 'v21', 'gabrtv', 'bbbb', 'gabrtv deployed bbbb: succeeded', '{"stage":"succeeded"}', 1),
  (57, 'web', 'v30', 'gabrtv', NULL, 'gabrtv deployed v30', '{"deployment":"d-1"}', 1),
  (58, 'web', 'v30', 'gabrtv', NULL, 'gabrtv deployed v30: failed', '{"stage":"failed","deployment":"d-1","at":"2026-01-01T02:40:00.000Z"}', 1),
  (59, 'web', 'v30', 'gabrtv', NULL, 'gabrtv deployed v30: succeeded', '{"stage":"succeeded","deployment":"d-1","at":"2026-01-01T02:39:00.000Z"}', 1),
  (60, 'web', 'v31', 'gabrtv', NULL, 'gabrtv deployed v31', '{"deployment":"d-2"}', 1),
  (61, 'api', 'v40', 'gabrtv', NULL, 'gabrtv deployed v40', '{"tenant":"acme","environment":"production"}', 1),
  (62, 'api', 'v41', 'gabrtv', NULL, 'gabrtv deployed v41', NULL, 1),
  (63, 'api', 'v42', 'gabrtv', NULL, 'gabrtv deployed v42: failed', '{"stage":"failed"}', 1),
  (64, 'api', 'v43', 'gabrtv', NULL, 'gabrtv deployed v43', '{"at":"2026-01-01T02:45:00.000Z"}', 1),
  (65, 'api', 'v44', 'gabrtv', NULL, 'gabrtv deployed v44', NULL, 1);
INSERT INTO deliveries ("seq", "id", "hook_id", "release_seq", "state", "attempts", "recorded_at", "due_at", "leased_until", "owner", "token", "settled_at", "reason", "verdict", "next_at", "replay_of", "remote", "progress", "grouping", "again") VALUES
  (1, 'dlv_2f5c62452ec8fc968b27aae140b45028', 'hook_12dfde89f95fa6d2', 1, 'delivered', 1, 1767225600000, NULL, NULL, NULL, NULL, 1767225600000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (2, 'dlv_d9463c9b206a4c2e18291027fe39d1ca', 'audit', 1, 'delivered', 1, 1767225600000, NULL, NULL, NULL, NULL, 1767225600000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 'dlv_9d93ad5e8157e1c9f23b5a0359868541', 'audit', 2, 'delivered', 1, 1767225660000, NULL, NULL, NULL, NULL, 1767225660000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 'dlv_450574224363b6d90661bfc4179bbf40', 'hook_4563b00bdf9bb24e', 2, 'delivered', 1, 1767225660000, NULL, NULL, NULL, NULL, 1767225660000, 'status-200', NULL, NULL, NULL, NULL, NULL, '["web"]', NULL),
  (5, 'dlv_0e135c1472069a6dd7474abee49fac0a', 'hook_12dfde89f95fa6d2', 3, 'delivered', 1, 1767225720000, NULL, NULL, NULL, NULL, 1767225720000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 'dlv_878c8a254fb2c4e4891d9c4b50ce1503', 'audit', 3, 'delivered', 1, 1767225720000, NULL, NULL, NULL, NULL, 1767225720000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (7, 'dlv_ef2510bde2c9d5a20cf65e164cef2ac1', 'audit', 4, 'delivered', 1, 1767225780000, NULL, NULL, NULL, NULL, 1767225780000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (8, 'dlv_f9495f40d085422dd48025b12fce118d', 'hook_4563b00bdf9bb24e', 4, 'delivered', 1, 1767225780000, NULL, NULL, NULL, NULL, 1767225780000, 'status-200', NULL, NULL, NULL, NULL, NULL, '["web"]', NULL),
  (9, 'dlv_b44bf749d54844be63e96592cdc98a84', 'audit', 5, 'delivered', 1, 1767225840000, NULL, NULL, NULL, NULL, 1767225840000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (10, 'dlv_f87ddf4ce34749ebfab6c0148651fe68', 'hook_4563b00bdf9bb24e', 5, 'delivered', 1, 1767225840000, NULL, NULL, NULL, NULL, 1767225840000, 'status-200', NULL, NULL, NULL, NULL, NULL, '["web"]', NULL),
  (11, 'dlv_2f3ad2f4164fa0660aab0eca189b0a15', 'hook_12dfde89f95fa6d2', 6, 'delivered', 1, 1767225900000, NULL, NULL, NULL, NULL, 1767225900000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (12, 'dlv_2afad1abd7d51fb8a75e588a9ea96b03', 'audit', 6, 'delivered', 1, 1767225900000, NULL, NULL, NULL, NULL, 1767225900000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (13, 'dlv_a46b2e3be0e559d644187a9e63084056', 'hook_12dfde89f95fa6d2', 7, 'delivered', 1, 1767225960000, NULL, NULL, NULL, NULL, 1767225960000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (14, 'dlv_df2170a61423e867cc517faba769aea8', 'audit', 7, 'delivered', 1, 1767225960000, NULL, NULL, NULL, NULL, 1767225960000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (15, 'dlv_8a19d6b1d01328f33cc7235e55cc1444', 'hook_9c0ac9806dc77f43', 8, 'dead', 1, 1767226020000, NULL, NULL, NULL, NULL, 1767226020000, 'status-404', 'refused', NULL, NULL, NULL, NULL, NULL, NULL),
  (16, 'dlv_130141fe6233a509fe9c02870e6ebe20', 'hook_997edd7a34646547', 9, 'dead', 1, 1767226080000, NULL, NULL, NULL, NULL, 1767226080000, 'status-410', 'gone', NULL, NULL, NULL, NULL, NULL, NULL),
  (17, 'dlv_8355b653cb70e465e525faafe2c863e9', 'hook_50ade87df89bf417', 10, 'dead', 1, 1767226140000, NULL, NULL, NULL, NULL, 1767226140000, 'status-503', 'unwanted', NULL, NULL, NULL, NULL, NULL, NULL),
  (18, 'dlv_4f6035b69cd86145b18ff744199ed9fc', 'hook_748671ffa27aaf8e', 11, 'dead', 1, 1767226200000, NULL, NULL, NULL, NULL, 1767226200000, 'status-503', 'retry-after', NULL, NULL, NULL, NULL, NULL, NULL),
  (19, 'dlv_006fa22ebe8d2c459f6326a6ed6dc611', 'hook_997edd7a34646547', 12, 'dead', 0, 1767226260000, NULL, NULL, NULL, NULL, 1767226260000, 'hook-disabled', 'hook-disabled', NULL, NULL, NULL, NULL, NULL, NULL),
  (20, 'dlv_48693431800e84fb73f99ceef6672bb3', 'hook_9c0ac9806dc77f43', 13, 'dead', 1, 1767226260000, NULL, NULL, NULL, NULL, 1767226260000, 'status-404', 'refused', NULL, NULL, NULL, NULL, NULL, NULL),
  (21, 'dlv_52d7e9a0446323fbc6b16a4cb615cbcd', 'hook_f06494dd2649e135', 14, 'dead', 1, 1767226320000, NULL, NULL, NULL, NULL, 1767226320000, 'status-503', 'exhausted', NULL, NULL, NULL, NULL, NULL, NULL),
  (22, 'dlv_bd9b7a905573a08a3141019cd6578397', 'hook_9c0ac9806dc77f43', 15, 'dead', 1, 1767226380000, NULL, NULL, NULL, NULL, 1767226380000, 'blocked', 'blocked', NULL, NULL, NULL, NULL, NULL, NULL),
  (23, 'dlv_efa92f0a82580fa331635bbfdb8dcd91', 'hook_04630cb7bd6b8768', 16, 'delivered', 2, 1767226440000, NULL, NULL, NULL, NULL, 1767226560000, 'remote-succeeded', NULL, NULL, NULL, '{"id":"1","status":"succeeded"}', NULL, NULL, NULL),
  (24, 'dlv_a9606f391bde1269a184aec95dde8408', 'hook_04630cb7bd6b8768', 17, 'dead', 2, 1767226560000, NULL, NULL, NULL, NULL, 1767226680000, 'remote-failed', 'failed', NULL, NULL, '{"id":"2","status":"failed"}', NULL, NULL, NULL),
  (25, 'dlv_0f0c4fb3a24da81457b0b976b0a3be20', 'hook_04630cb7bd6b8768', 18, 'dead', 1, 1767226680000, NULL, NULL, NULL, NULL, 1767226680000, 'status-502', 'ambiguous', NULL, NULL, NULL, NULL, NULL, NULL),
  (26, 'dlv_2ed13376579dd72fc8f7720440b23959', 'hook_04630cb7bd6b8768', 19, 'dead', 2, 1767226680000, NULL, NULL, NULL, NULL, 1767234480000, 'remote-running', 'unfinished', NULL, NULL, '{"id":"4","status":"running"}', NULL, NULL, NULL),
  (27, 'dlv_ca9106559de4b3ec73e286c36850b35d', 'hook_04630cb7bd6b8768', 20, 'waiting', 1, 1767234480000, 1767234960000, NULL, NULL, NULL, NULL, 'status-201', NULL, 1767234540000, NULL, '{"id":"5","status":"running"}', '{"step":1,"at":1767234480000,"attempt":1}', NULL, NULL),
  (28, 'dlv_78ea684a06f2d02b4aa11284d6e6adda', 'hook_dc02cfdda3cc5c13', 21, 'waiting', 2, 1767234600000, 1767238200000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767238200000, NULL, NULL, '{"step":1,"at":1767234600000,"attempt":1}', NULL, NULL),
  (29, 'dlv_c8f8af160aaf555e598df1a137eb112a', 'hook_dc02cfdda3cc5c13', 22, 'dead', 1, 1767234600000, NULL, NULL, NULL, NULL, 1767234600000, 'unrenderable', 'unrenderable', NULL, NULL, NULL, NULL, NULL, NULL),
  (30, 'dlv_7ffd3a6ab51b80d0dd363eb18e9bf1cf', 'hook_a611c5fe02e4d0b2', 23, 'dead', 1, 1767234660000, NULL, NULL, NULL, NULL, 1767234720000, 'superseded', 'superseded', NULL, NULL, NULL, NULL, '["newest"]', NULL),
  (31, 'dlv_48aae59487842f61e3ef6fe63def28a6', 'hook_a611c5fe02e4d0b2', 24, 'waiting', 1, 1767234720000, 1767238320000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767238320000, NULL, NULL, NULL, '["newest"]', NULL),
  (32, 'dlv_2325ac8853ce976f3f455fd93abf6b75', 'hook_9c0ac9806dc77f43', 25, 'delivered', 1, 1767234780000, NULL, NULL, NULL, NULL, 1767234780000, 'status-200', NULL, NULL, 'dlv_8a19d6b1d01328f33cc7235e55cc1444', NULL, NULL, NULL, NULL),
  (33, 'dlv_1c45c0423a6f3ede98bd9f574805882d', 'hook_9c0ac9806dc77f43', 26, 'waiting', 1, 1767234780000, 1767238380000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767238380000, 'dlv_48693431800e84fb73f99ceef6672bb3', NULL, NULL, NULL, NULL),
  (34, 'dlv_74bf8e7242a204c29679a2238ba62299', 'hook_f06494dd2649e135', 27, 'waiting', 1, 1767234840000, 1767238440000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767238440000, NULL, NULL, NULL, NULL, NULL),
  (35, 'dlv_0f9fa628b5e592d912c2a8cf137744db', 'hook_2d7cefbe8e333830', 28, 'waiting', 1, 1767234900000, 1767234960000, NULL, NULL, NULL, NULL, 'status-201', NULL, 1767234960000, NULL, '{"id":"6","status":"running"}', '{"step":1,"at":1767234900000,"attempt":1}', NULL, NULL),
  (36, 'dlv_4e6f9f803c33d4120032d60ce7809db3', 'hook_892a5724c7e9233c', 29, 'waiting', 0, 1767234960000, 1767234960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (37, 'dlv_108c420904e6a2861c364c27e83a8760', 'hook_12dfde89f95fa6d2', 30, 'waiting', 0, 1767234960000, 1767234960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (38, 'dlv_dffc11e59129476c75814db5be35c2fd', 'audit', 30, 'delivered', 1, 1767234960000, NULL, NULL, NULL, NULL, 1767235575005, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (39, 'dlv_dfc2831177cd5d98c8505ac5eb1b415e', 'audit', 31, 'dead', 1, 1767235020000, NULL, NULL, NULL, NULL, 1767235575005, 'status-400', 'refused', NULL, NULL, NULL, NULL, NULL, NULL),
  (40, 'dlv_af7667f0e55916924aedb69f9ac4212e', 'hook_4563b00bdf9bb24e', 31, 'waiting', 0, 1767235020000, 1767235020000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '["web"]', NULL),
  (41, 'dlv_344696e5ad8fcdd21cdbbb136acfec04', 'hook_12dfde89f95fa6d2', 32, 'waiting', 0, 1767235080000, 1767235080000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (42, 'dlv_cba954790c86d813eaa51ade543f11c8', 'audit', 32, 'waiting', 1, 1767235080000, 1767239175000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767239175000, NULL, NULL, NULL, NULL, NULL),
  (43, 'dlv_7acac0344ff72bc64a90ddb45ec04df0', 'hook_12dfde89f95fa6d2', 33, 'waiting', 0, 1767235200000, 1767235200000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (44, 'dlv_47e3bef430bbefa6eb07eb6e768861c7', 'audit', 33, 'waiting', 0, 1767235200000, 1767235200000, 1767235605000, 23, 98784247812, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (45, 'dlv_dfffd3dfb53f5c03fa56e01f665ff9d0', 'hook_0af6cf7eefa4bebf', 34, 'waiting', 0, 1767235260000, 1767235260000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (46, 'dlv_d5ab4a5eb7d5c3f4f432d9a551181308', 'hook_04630cb7bd6b8768', 35, 'waiting', 0, 1767235260000, 1767235260000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"step":0,"at":1767235260000,"attempt":0,"sending":true}', NULL, NULL),
  (47, 'dlv_bdc12592ddff427179da58b294eb54c7', 'own', 36, 'dead', 1, 1767237960000, NULL, NULL, NULL, NULL, 1767237960000, 'status-410', 'gone', NULL, NULL, NULL, NULL, NULL, NULL),
  (48, 'dlv_49965d2718a6353a8193a5056d6a1347', 'paused', 37, 'waiting', 1, 1767237960000, 1767238160000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767238160000, NULL, NULL, NULL, NULL, NULL),
  (49, 'dlv_b76040359c88c5dde4fa7b0eb8c92166', 'paced', 38, 'delivered', 1, 1767237960000, NULL, NULL, NULL, NULL, 1767237960000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (50, 'dlv_d5ff7b51f5c47ae2902404787309548d', 'paced', 39, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (51, 'dlv_f161127915ee64cfa5033d8ecc7cb7af', 'hook_440b1bed5062cc8b', 40, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (52, 'dlv_6e44c50c3cc9d89aa2508e72177821bb', 'audit', 40, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (53, 'dlv_29010fe288c098bb3cd5370d32433bff', 'audit', 41, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (54, 'dlv_2e249f8a57b4b778550998a2219f7dc1', 'hook_957339ee37bb249c', 41, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '["web","production"]', NULL),
  (55, 'dlv_20125adb179821d1fd6e258dd6067cfe', 'hook_440b1bed5062cc8b', 42, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (56, 'dlv_d254b25d86190697c6f0f22938838891', 'audit', 42, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (57, 'dlv_7e722dbc12d6ed5a370dd32a971f158d', 'hook_440b1bed5062cc8b', 43, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (58, 'dlv_9b0f7c080fd896252261f7173b094757', 'audit', 43, 'waiting', 0, 1767237960000, 1767237960000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (59, 'dlv_d7572a2904965cdd3d68ecbae215e59b', 'took', 44, 'delivered', 1, 1767238000000, NULL, NULL, NULL, NULL, 1767238000000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (60, 'dlv_4624d3653d2abca25b842ce92daa1695', 'refused', 45, 'dead', 1, 1767238000000, NULL, NULL, NULL, NULL, 1767238000000, 'status-404', 'refused', NULL, NULL, NULL, NULL, NULL, NULL),
  (61, 'dlv_86c32926c26fad979104efd0622a79f3', 'pausing', 46, 'waiting', 1, 1767238000000, 1767241600000, NULL, NULL, NULL, NULL, 'status-429', NULL, 1767241600000, NULL, NULL, NULL, NULL, NULL),
  (62, 'dlv_c9b8b422095dabbf6f69b914180862e2', 'moved', 47, 'dead', 1, 1767238000000, NULL, NULL, NULL, NULL, 1767238000000, 'status-410', 'gone', NULL, NULL, NULL, NULL, NULL, NULL),
  (63, 'dlv_27eb810b38d74e930ddfb1b2b853e7fc', 'failing', 48, 'waiting', 1, 1767238000000, 1767241600000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767241600000, NULL, NULL, NULL, NULL, NULL),
  (64, 'dlv_2d9a3ddf18ad4b749de423c86385662d', 'opens', 49, 'waiting', 1, 1767238000000, 1767241600000, NULL, NULL, NULL, NULL, 'status-503', NULL, 1767241600000, NULL, NULL, NULL, NULL, NULL),
  (65, 'dlv_88883194b210d8ed27f477e9b6517369', 'keeps-pace', 50, 'delivered', 1, 1767238000000, NULL, NULL, NULL, NULL, 1767238000000, 'status-200', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (66, 'dlv_f497eaba0e4a3671a69af0071f29fa17', 'keeps-pace', 51, 'waiting', 0, 1767238000000, 1767238000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (67, 'dlv_036de250685adbbc74af3d7661f423f0', 'held', 52, 'waiting', 0, 1767238000000, 1767238000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (68, 'dlv_5a97fa098276cc048af19ab4e8c64d3c', 'hook_440b1bed5062cc8b', 53, 'waiting', 0, 1767235561000, 1767235561000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (69, 'dlv_31142e3aebe1d1d59e7ed933595c8a94', 'audit', 53, 'waiting', 0, 1767235561000, 1767235561000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (70, 'dlv_8ac7c77189c73c0b962f5d2cea55688d', 'hook_440b1bed5062cc8b', 54, 'waiting', 0, 1767235562000, 1767235562000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (71, 'dlv_04331d566c529ef39921f5faba8b9694', 'audit', 54, 'waiting', 0, 1767235562000, 1767235562000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (72, 'dlv_843f3cefb701c08b47116cacd8c0034d', 'audit', 55, 'waiting', 0, 1767235563000, 1767235563000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (73, 'dlv_088d778a1e9b293fea1144e07862def9', 'hook_957339ee37bb249c', 55, 'waiting', 0, 1767235563000, 1767235563000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '["web"]', NULL),
  (74, 'dlv_523d64c201c4fc5857c2342a3232a692', 'audit', 56, 'waiting', 0, 1767235564000, 1767235564000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (75, 'dlv_6d6775d5d3c6f7f97a1d091e9743b5ac', 'hook_957339ee37bb249c', 56, 'waiting', 0, 1767235564000, 1767235564000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '["web"]', NULL),
  (76, 'dlv_6b496820f20ffa070ad7409e86d53d44', 'hook_440b1bed5062cc8b', 57, 'waiting', 0, 1767235565000, 1767235565000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (77, 'dlv_85025f0581e359a07aa688401026f2b2', 'audit', 57, 'waiting', 0, 1767235565000, 1767235565000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (78, 'dlv_8b7f1077e577d9eabe34c9bcde367273', 'audit', 58, 'waiting', 0, 1767235566000, 1767235566000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (79, 'dlv_8fc1ec85adaca39cee3b29865df62fae', 'hook_957339ee37bb249c', 58, 'waiting', 0, 1767235566000, 1767235566000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '["web"]', NULL),
  (80, 'dlv_f33b239d497d892ebc433587c9b9403f', 'audit', 59, 'waiting', 0, 1767235567000, 1767235567000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (81, 'dlv_057a0a0cc672db0db686dc1ddd57da7d', 'hook_440b1bed5062cc8b', 60, 'waiting', 0, 1767235568000, 1767235568000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (82, 'dlv_61bc10e7293a97fdc927f93157aef84f', 'audit', 60, 'waiting', 0, 1767235568000, 1767235568000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (83, 'dlv_863ffd3542ecbc66092eb55366c20bb7', 'hook_440b1bed5062cc8b', 61, 'waiting', 0, 1767235569000, 1767235569000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (84, 'dlv_8d5dcb90248c4f2bb07eefa8bfb0f79e', 'audit', 61, 'waiting', 0, 1767235569000, 1767235569000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (85, 'dlv_125d23dda23431c27a33cbe9a4802ca6', 'hook_440b1bed5062cc8b', 62, 'waiting', 0, 1767235570000, 1767235570000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (86, 'dlv_9f4f6ff958305db68cd8dc07cf5485c6', 'audit', 62, 'waiting', 0, 1767235570000, 1767235570000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (87, 'dlv_db3257baa29db4ac633e6e4f9434a229', 'audit', 63, 'waiting', 0, 1767235571000, 1767235571000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (88, 'dlv_ceae989ae69010b3fcfd474cfc1593ec', 'hook_440b1bed5062cc8b', 64, 'waiting', 0, 1767235573000, 1767235573000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (89, 'dlv_58f08a5bf01d317f2471c19919fa9d39', 'audit', 64, 'waiting', 0, 1767235573000, 1767235573000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (90, 'dlv_de6dc7c6f67bb864d5a66e6ea28f8930', 'hook_440b1bed5062cc8b', 65, 'waiting', 0, 1767235574000, 1767235574000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (91, 'dlv_bb9e65e621e755bf40d4b194e5af86d0', 'audit', 65, 'waiting', 0, 1767235574000, 1767235574000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO attempts ("delivery_seq", "number", "started_at", "ended_at", "connects", "dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "total_ms", "status", "code", "excerpt", "outcome", "reason", "verdict", "next_at", "step", "remote") VALUES
  (1, 1, 1767225600000, 1767225600000, 1, NULL, 8.683, NULL, 4, 19.802, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (2, 1, 1767225600000, 1767225600000, 1, NULL, 7.482, NULL, 7, 20.862, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (3, 1, 1767225660000, 1767225660000, 1, NULL, NULL, NULL, 2, 4.971, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (4, 1, 1767225660000, 1767225660000, 1, NULL, 3.144, NULL, 1, 5.657, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (5, 1, 1767225720000, 1767225720000, 1, NULL, NULL, NULL, 4, 6.687, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (6, 1, 1767225720000, 1767225720000, 1, NULL, NULL, NULL, 5, 6.832, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (7, 1, 1767225780000, 1767225780000, 1, NULL, NULL, NULL, 2, 3.421, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (8, 1, 1767225780000, 1767225780000, 1, NULL, NULL, NULL, 2, 3.845, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (9, 1, 1767225840000, 1767225840000, 1, NULL, NULL, NULL, 2, 8.102, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (10, 1, 1767225840000, 1767225840000, 1, NULL, NULL, NULL, 3, 7.998, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (11, 1, 1767225900000, 1767225900000, 1, NULL, NULL, NULL, 1, 3.478, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (12, 1, 1767225900000, 1767225900000, 1, NULL, NULL, NULL, 2, 3.877, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (13, 1, 1767225960000, 1767225960000, 1, NULL, NULL, NULL, 1, 2.491, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (14, 1, 1767225960000, 1767225960000, 1, NULL, NULL, NULL, 1, 2.529, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (15, 1, 1767226020000, 1767226020000, 1, NULL, 5.017, NULL, 0, 7.457, 404, NULL, 'no such hook', 'dead', 'status-404', 'refused', NULL, NULL, NULL),
  (16, 1, 1767226080000, 1767226080000, 1, NULL, 9.398, NULL, 1, 16.437, 410, NULL, '', 'dead', 'status-410', 'gone', NULL, NULL, NULL),
  (17, 1, 1767226140000, 1767226140000, 1, NULL, 2.713, NULL, 1, 4.486, 503, NULL, '', 'dead', 'status-503', 'unwanted', NULL, NULL, NULL),
  (18, 1, 1767226200000, 1767226200000, 1, NULL, 2.541, NULL, 1, 5.146, 503, NULL, '', 'dead', 'status-503', 'retry-after', NULL, NULL, NULL),
  (20, 1, 1767226260000, 1767226260000, 1, NULL, NULL, NULL, 0, 1.152, 404, NULL, 'no such hook', 'dead', 'status-404', 'refused', NULL, NULL, NULL),
  (21, 1, 1767226320000, 1767226320000, 1, NULL, 2.194, NULL, 0, 3.417, 503, NULL, 'not now', 'dead', 'status-503', 'exhausted', NULL, NULL, NULL),
  (22, 1, 1767226380000, 1767226380000, 1, 1.645, NULL, NULL, NULL, 6.339, NULL, 'EGRESS_PRIVATE', NULL, 'dead', 'blocked', 'blocked', NULL, NULL, NULL),
  (23, 1, 1767226440000, 1767226440000, 1, NULL, 2.079, NULL, 1, 3.934, 201, NULL, '{"id":"1","status":"running"}', 'accepted', 'status-201', NULL, 1767226500000, NULL, '{"id":"1","status":"running"}'),
  (23, 2, 1767226560000, 1767226560000, 1, NULL, 1.31, NULL, 4, 6.027, 200, NULL, '{"status":"done"}', 'delivered', 'remote-succeeded', NULL, NULL, 0, '{"status":"succeeded"}'),
  (24, 1, 1767226560000, 1767226560000, 1, NULL, 1.504, NULL, 29, 38.303, 201, NULL, '{"id":"2","status":"running"}', 'accepted', 'status-201', NULL, 1767226620000, NULL, '{"id":"2","status":"running"}'),
  (24, 2, 1767226680000, 1767226680000, 1, NULL, 3.964, NULL, 0, 5.373, 200, NULL, '{"status":"broken"}', 'dead', 'remote-failed', 'failed', NULL, 0, '{"status":"failed"}'),
  (25, 1, 1767226680000, 1767226680000, 1, NULL, 1.065, NULL, 1, 3.348, 502, NULL, '', 'dead', 'status-502', 'ambiguous', NULL, NULL, NULL),
  (26, 1, 1767226680000, 1767226680000, 1, NULL, 1.051, NULL, 0, 2.607, 201, NULL, '{"id":"4","status":"running"}', 'accepted', 'status-201', NULL, 1767226740000, NULL, '{"id":"4","status":"running"}'),
  (26, 2, 1767234480000, 1767234480000, 1, NULL, 5.808, NULL, 0, 7.034, 200, NULL, '{"status":"running"}', 'dead', 'remote-running', 'unfinished', NULL, 0, '{"status":"running"}'),
  (27, 1, 1767234480000, 1767234480000, 1, NULL, 1.321, NULL, 0, 2.491, 201, NULL, '{"id":"5","status":"running"}', 'accepted', 'status-201', NULL, 1767234540000, NULL, '{"id":"5","status":"running"}'),
  (28, 1, 1767234600000, 1767234600000, 1, NULL, 2.193, NULL, 1, 5.167, 200, NULL, '', 'accepted', 'status-200', NULL, 1767234600000, 1, NULL),
  (28, 2, 1767234600000, 1767234600000, 1, NULL, NULL, NULL, 0, 0.964, 503, NULL, '', 'retry', 'status-503', NULL, 1767238200000, 2, NULL),
  (29, 1, 1767234600000, 1767234600000, 1, NULL, 5.95, NULL, 0, 7.394, 200, NULL, 'ok', 'accepted', 'status-200', NULL, 1767234600000, 1, NULL),
  (30, 1, 1767234660000, 1767234660000, 1, NULL, 0.8, NULL, 0, 2.372, 503, NULL, 'not now', 'retry', 'status-503', NULL, 1767238260000, NULL, NULL),
  (31, 1, 1767234720000, 1767234720000, 1, NULL, NULL, NULL, 1, 2.01, 503, NULL, 'not now', 'retry', 'status-503', NULL, 1767238320000, NULL, NULL),
  (32, 1, 1767234780000, 1767234780000, 1, NULL, 1.221, NULL, 0, 4.203, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (33, 1, 1767234780000, 1767234780000, 1, NULL, NULL, NULL, 0, 1.573, 503, NULL, 'not now', 'retry', 'status-503', NULL, 1767238380000, NULL, NULL),
  (34, 1, 1767234840000, 1767234840000, 1, NULL, 1.724, NULL, 0, 3.504, 503, NULL, 'not now', 'retry', 'status-503', NULL, 1767238440000, NULL, NULL),
  (35, 1, 1767234900000, 1767234900000, 1, NULL, 10.767, NULL, 1, 12.319, 201, NULL, '{"id":"6","status":"running"}', 'accepted', 'status-201', NULL, 1767234960000, NULL, '{"id":"6","status":"running"}'),
  (38, 1, 1767235575000, 1767235575005, 1, NULL, NULL, NULL, NULL, 5, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (39, 1, 1767235575000, 1767235575005, 1, NULL, NULL, NULL, NULL, 5, 200, NULL, 'ok', 'dead', 'status-400', 'refused', NULL, NULL, NULL),
  (42, 1, 1767235575000, 1767235575005, 1, NULL, NULL, NULL, NULL, 5, 200, NULL, 'ok', 'retry', 'status-503', NULL, 1767239175000, NULL, NULL),
  (47, 1, 1767237960000, 1767237960000, 1, NULL, NULL, NULL, NULL, 1, 410, NULL, 'ok', 'dead', 'status-410', 'gone', NULL, NULL, NULL),
  (48, 1, 1767237960000, 1767237960000, 1, NULL, NULL, NULL, NULL, 1, 503, NULL, 'ok', 'retry', 'status-503', NULL, 1767238160000, NULL, NULL),
  (49, 1, 1767237960000, 1767237960000, 1, NULL, NULL, NULL, NULL, 1, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (59, 1, 1767238000000, 1767238000000, 1, NULL, NULL, NULL, NULL, 1, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL),
  (60, 1, 1767238000000, 1767238000000, 1, NULL, NULL, NULL, NULL, 1, 404, NULL, 'no such hook', 'dead', 'status-404', 'refused', NULL, NULL, NULL),
  (61, 1, 1767238000000, 1767238000000, 1, NULL, NULL, NULL, NULL, 1, 429, NULL, 'ok', 'retry', 'status-429', NULL, 1767241600000, NULL, NULL),
  (62, 1, 1767238000000, 1767238000000, 1, NULL, NULL, NULL, NULL, 1, 410, NULL, 'ok', 'dead', 'status-410', 'gone', NULL, NULL, NULL),
  (63, 1, 1767238000000, 1767238000000, 1, NULL, NULL, NULL, NULL, 1, 503, NULL, 'not now', 'retry', 'status-503', NULL, 1767241600000, NULL, NULL),
  (64, 1, 1767238000000, 1767238000000, 1, NULL, NULL, NULL, NULL, 1, 503, NULL, 'not now', 'retry', 'status-503', NULL, 1767241600000, NULL, NULL),
  (65, 1, 1767238000000, 1767238000000, 1, NULL, NULL, NULL, NULL, 1, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL, NULL, NULL);
INSERT INTO hooks ("id", "enabled", "since", "reason", "url", "memory") VALUES
  ('audit', 0, 1767237960000, 'operator', NULL, NULL),
  ('failing', 1, 1767238000000, 'failing', 'f494b163-4c7', NULL),
  ('hook_04630cb7bd6b8768', 1, 1767226680000, 'answering', NULL, NULL),
  ('hook_50ade87df89bf417', 0, 1767226140000, 'unwanted', NULL, NULL),
  ('hook_748671ffa27aaf8e', 1, 1767226200000, 'failing', NULL, NULL),
  ('hook_892a5724c7e9233c', 0, 1767234960000, 'operator', NULL, NULL),
  ('hook_997edd7a34646547', 0, 1767226080000, 'gone', NULL, NULL),
  ('hook_9c0ac9806dc77f43', 1, 1767234780000, 'failing', NULL, NULL),
  ('hook_a611c5fe02e4d0b2', 1, 1767234660000, 'failing', NULL, NULL),
  ('hook_dc02cfdda3cc5c13', 1, 1767234600000, 'answering', NULL, NULL),
  ('hook_f06494dd2649e135', 1, 1767226320000, 'failing', NULL, NULL),
  ('keeps-pace', 1, 1767238000000, 'remembered', 'cb1a21bf-627', '{"url":"cb1a21bf-627","closedUntil":0,"pace":1767241600000}'),
  ('moved', 1, 1767238000000, 'another-url', '0efa55ad-1d5', NULL),
  ('opens', 1, 1767238000000, 'failing', '737570a2-2d2', '{"url":"737570a2-2d2","closedUntil":0,"breaker":{"until":1767239800000,"openMs":1800000}}'),
  ('own', 0, 1767237960000, 'gone', NULL, NULL),
  ('paused', 1, 1767237960000, 'failing', NULL, NULL),
  ('pausing', 1, 1767238000000, 'failing', '73ddbf9d-0b3', '{"url":"73ddbf9d-0b3","closedUntil":1767241600000}'),
  ('refused', 1, 1767238000000, 'failing', '00e2c687-872', NULL),
  ('took', 0, 1767238000000, 'operator', NULL, NULL);
INSERT INTO owners ("seq", "lock") VALUES
  (23, 'v6.db-owner-34e844ca-ef1f-48aa-9c19-2d0cceeb536d');
INSERT INTO told_scopes ("scope", "rollout", "stage", "result", "forget_at") VALUES
  ('-10:keeps-pace-', '-10:keeps-pace-2:v2c7:35b3726', 'released', NULL, 1769830000000),
  ('-3:api-', '-3:api-3:v44c-', 'released', 'failed', 1769827574000),
  ('-3:own8:e-738418', '-3:own8:e-7384182:v1c-', 'released', NULL, 1769829960000),
  ('-3:web-', '-3:web-3:v31d3:d-2', 'released', 'failed', 1769827568000),
  ('-3:web10:production', '-3:web10:production3:v10d4:d-10', 'failed', 'failed', 1769829960000),
  ('-4:held-', '-4:held-2:v1c7:35b3726', 'released', NULL, 1769830000000),
  ('-4:took-', '-4:took-2:v1c7:35b3726', 'released', NULL, 1769830000000),
  ('-5:moved-', '-5:moved-2:v1c7:35b3726', 'released', NULL, 1769830000000),
  ('-5:moved10:production', '-5:moved10:production2:v2c7:35b3726', 'failed', 'failed', 1769830000000),
  ('-5:opens-', '-5:opens-2:v1c7:35b3726', 'released', NULL, 1769830000000),
  ('-5:paced8:e-633569', '-5:paced8:e-6335692:v1c-', 'released', NULL, 1769829960000),
  ('-5:paced8:e-786428', '-5:paced8:e-7864282:v1c-', 'released', NULL, 1769829960000),
  ('-6:nobody-', '-6:nobody-3:v50c-', 'released', NULL, 1769827572000),
  ('-6:paused8:e-999193', '-6:paused8:e-9991932:v1c-', 'released', NULL, 1769829960000),
  ('-7:failing-', '-7:failing-2:v1c7:35b3726', 'released', NULL, 1769830000000),
  ('-7:pausing-', '-7:pausing-2:v1c7:35b3726', 'released', NULL, 1769830000000),
  ('-7:refused-', '-7:refused-2:v1c7:35b3726', 'released', NULL, 1769830000000),
  ('4:acme3:api-', '4:acme3:api-3:v10c7:35b3726', 'released', NULL, 1769829960000),
  ('4:acme3:api10:production', '4:acme3:api10:production3:v40c-', 'released', NULL, 1769827569000);
INSERT INTO told_rollouts ("rollout", "stages", "released", "result", "resulted", "at", "told_at", "forget_at") VALUES
  ('-10:keeps-pace-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["keeps-pace"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-10:keeps-pace-2:v2c7:35b3726', 'released', '{"ordinal":"","hooks":["keeps-pace"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-3:api-3:v41c-', 'released', '{"ordinal":"key:by-key","hooks":["hook_440b1bed5062cc8b","audit"]}', NULL, NULL, NULL, 1767235570000, 1767321970000),
  ('-3:api-3:v42c-', 'failed', NULL, 'failed', '{"ordinal":"key:by-key","hooks":["audit"]}', NULL, 1767235571000, 1767321971000),
  ('-3:api-3:v43c-', 'released', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"],"at":1767235500000}', NULL, NULL, 1767235500000, 1767235573000, 1767321973000),
  ('-3:api-3:v44c-', 'released', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', NULL, NULL, NULL, 1767235574000, 1767321974000),
  ('-3:own8:e-7384182:v1c-', 'released', '{"ordinal":"","hooks":["own"]}', NULL, NULL, NULL, 1767237960000, 1767324360000),
  ('-3:web-3:v11c-', 'released', '{"ordinal":"key:a key","hooks":["hook_440b1bed5062cc8b","audit"]}', NULL, NULL, NULL, 1767237960000, 1767324360000),
  ('-3:web-3:v20c4:aaaa', 'released', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', NULL, NULL, NULL, 1767235561000, 1767321961000),
  ('-3:web-3:v21c4:bbbb', 'released failed succeeded', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', 'succeeded', '{"ordinal":"","hooks":["audit","hook_957339ee37bb249c"]}', NULL, 1767235564000, 1767321964000),
  ('-3:web-3:v30d3:d-1', 'released failed succeeded', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', 'failed', '{"ordinal":"","hooks":["audit","hook_957339ee37bb249c"],"at":1767235200000}', 1767235200000, 1767235566000, 1769827567000),
  ('-3:web-3:v31d3:d-2', 'released', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', NULL, NULL, NULL, 1767235568000, 1769827568000),
  ('-3:web10:production3:v10d4:d-10', 'released failed', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', 'failed', '{"ordinal":"","hooks":["audit","hook_957339ee37bb249c"],"at":1767237960000}', 1767237960000, 1767237960000, 1769829960000),
  ('-4:held-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["held"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-4:took-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["took"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-5:moved-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["moved"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-5:moved10:production2:v2c7:35b3726', 'failed', NULL, 'failed', '{"ordinal":"","hooks":[]}', NULL, 1767238000000, 1767324400000),
  ('-5:opens-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["opens"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-5:paced8:e-6335692:v1c-', 'released', '{"ordinal":"","hooks":["paced"]}', NULL, NULL, NULL, 1767237960000, 1767324360000),
  ('-5:paced8:e-7864282:v1c-', 'released', '{"ordinal":"","hooks":["paced"]}', NULL, NULL, NULL, 1767237960000, 1767324360000),
  ('-6:nobody-3:v50c-', 'released', '{"ordinal":"","hooks":[]}', NULL, NULL, NULL, 1767235572000, 1767321972000),
  ('-6:paused8:e-9991932:v1c-', 'released', '{"ordinal":"","hooks":["paused"]}', NULL, NULL, NULL, 1767237960000, 1767324360000),
  ('-7:failing-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["failing"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-7:pausing-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["pausing"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('-7:refused-2:v1c7:35b3726', 'released', '{"ordinal":"","hooks":["refused"]}', NULL, NULL, NULL, 1767238000000, 1767324400000),
  ('4:acme3:api-3:v10c7:35b3726', 'released', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', NULL, NULL, NULL, 1767237960000, 1767324360000),
  ('4:acme3:api10:production3:v40c-', 'released', '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"]}', NULL, NULL, NULL, 1767235569000, 1767321969000);
INSERT INTO told_keys ("key", "rollout", "event", "forget_at") VALUES
  ('-3:api- failed by-key', '-3:api-3:v42c-', '{"ordinal":"key:by-key","hooks":["audit"]}', 1769827571000),
  ('-3:api- released by-key', '-3:api-3:v41c-', '{"ordinal":"key:by-key","hooks":["hook_440b1bed5062cc8b","audit"]}', 1769827570000),
  ('-3:web- released a key', '-3:web-3:v11c-', '{"ordinal":"key:a key","hooks":["hook_440b1bed5062cc8b","audit"]}', 1769829960000);
INSERT INTO told_moments ("rollout", "stage", "at", "event") VALUES
  ('-3:api-3:v43c-', 'released', 1767235500000, '{"ordinal":"","hooks":["hook_440b1bed5062cc8b","audit"],"at":1767235500000}'),
  ('-3:web-3:v30d3:d-1', 'failed', 1767235200000, '{"ordinal":"","hooks":["audit","hook_957339ee37bb249c"],"at":1767235200000}'),
  ('-3:web-3:v30d3:d-1', 'succeeded', 1767235140000, '{"ordinal":"","hooks":["audit"],"at":1767235140000}'),
  ('-3:web10:production3:v10d4:d-10', 'failed', 1767237960000, '{"ordinal":"","hooks":["audit","hook_957339ee37bb249c"],"at":1767237960000}');
INSERT INTO former ("until") VALUES
  (1798705365000);
INSERT INTO triggers ("id", "tenant", "app", "environment", "dialect", "settings", "created_at", "expires_at", "revoked_at", "last_used_at", "last_used_from", "recent") VALUES
  ('trg_a10122baeb8f4c348bc44a499adb54f9', NULL, 'web', 'production', 'native', '{"branch":"main"}', 1796113381329, NULL, NULL, 1796113381417, NULL, '[1796113381417]'),
  ('trg_d4617245b11af94654c61b0694177540', NULL, 'docs', 'production', 'native', '{"branch":"main"}', 1796113381483, NULL, 1796113381491, 1796113381488, NULL, '[1796113381488]'),
  ('trg_e6cfec79948f3aca107ed4f639bb26c2', NULL, 'api', 'production', 'native', '{"branch":"main"}', 1796113381466, NULL, NULL, 1796113381480, NULL, '[1796113381480]');
INSERT INTO trigger_tokens ("digest", "trigger_id", "hint", "made_at", "expires_at") VALUES
  ('392a51be7ccb6dda1cd415b8647b2e1b289281a5e36151f0726b3a87377c0d35', 'trg_e6cfec79948f3aca107ed4f639bb26c2', 'uONe', 1796113381466, NULL),
  ('59cd1ff80d647243d57da8a53660f96002075f1f6c99f49f78b1bd8dac6c33a4', 'trg_a10122baeb8f4c348bc44a499adb54f9', '5onN', 1796113381329, NULL),
  ('60b392bde28e97d53f746c5c31b2889f8e91661d9ca6cba83e153f8bc30cdb52', 'trg_d4617245b11af94654c61b0694177540', 'COOo', 1796113381483, NULL);
INSERT INTO trigger_lanes ("lane", "made") VALUES
  ('-3:api10:production 4:main-', 2),
  ('-3:web10:production 4:main-', 2),
  ('-4:docs10:production 4:main-', 2);
INSERT INTO trigger_deployments ("id", "lane", "number", "trigger_id", "call_id", "status", "overlap", "facts", "depth", "attempt", "created_at", "due_at", "leased_until", "started_at", "finished_at", "external_id", "url", "error", "failures", "replaced_by") VALUES
  ('dep_1a21578191129e96da3dc1d6836738d3', '-3:api10:production 4:main-', 1, 'trg_e6cfec79948f3aca107ed4f639bb26c2', 'trc_db66082da29b63e5de9788b9380e06fe', 'running', 'latest', '{"params":{},"branch":"main"}', 0, 1, 1796113381480, 1796113381480, 1796113416485, 1796113381492, NULL, 'started-api', NULL, NULL, 0, NULL),
  ('dep_3f7371153d6de37a7651e3a9e0e39af0', '-3:web10:production 4:main-', 1, 'trg_a10122baeb8f4c348bc44a499adb54f9', 'trc_0db414462a2fadf1ceb8909e39c05ff3', 'running', 'latest', '{"params":{},"branch":"main"}', 0, 1, 1796113381417, 1796113381417, 1796113416475, 1796113381485, NULL, 'started-web', NULL, NULL, 0, NULL),
  ('dep_644f7c2a150bef8f67bcd6c1f4b81521', '-4:docs10:production 4:main-', 1, 'trg_d4617245b11af94654c61b0694177540', 'trc_ee99428ec404ead4fadc7bb418d68035', 'running', 'latest', '{"params":{},"branch":"main"}', 0, 1, 1796113381488, 1796113381488, 1796113416492, 1796113381495, NULL, 'started-docs', NULL, NULL, 0, NULL);
INSERT INTO trigger_calls ("id", "trigger_id", "at", "outcome", "deployment_id", "address", "user_agent", "facts") VALUES
  ('trc_0db414462a2fadf1ceb8909e39c05ff3', 'trg_a10122baeb8f4c348bc44a499adb54f9', 1796113381417, 'started', 'dep_3f7371153d6de37a7651e3a9e0e39af0', NULL, NULL, '{"params":{},"branch":"main"}'),
  ('trc_db66082da29b63e5de9788b9380e06fe', 'trg_e6cfec79948f3aca107ed4f639bb26c2', 1796113381480, 'started', 'dep_1a21578191129e96da3dc1d6836738d3', NULL, NULL, '{"params":{},"branch":"main"}'),
  ('trc_ee99428ec404ead4fadc7bb418d68035', 'trg_d4617245b11af94654c61b0694177540', 1796113381488, 'started', 'dep_644f7c2a150bef8f67bcd6c1f4b81521', NULL, NULL, '{"params":{},"branch":"main"}');
INSERT INTO hook_names ("id", "shown", "target", "since") VALUES
  ('audit', 'http://audit.hooks.example/deploy', 'deis', 1767235575000);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence ("name", "seq") VALUES
  ('deliveries', 91),
  ('owners', 23);
PRAGMA application_id = 1684564785; PRAGMA user_version = 6;
