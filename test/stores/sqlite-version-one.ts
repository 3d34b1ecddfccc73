/** The schema of version 1, as its files have it: released steps never change. */
export const versionOne: string = `
CREATE TABLE releases (
  seq INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  version TEXT NOT NULL,
  user TEXT NOT NULL,
  sha TEXT,
  summary TEXT NOT NULL,
  facts TEXT
);
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
);
CREATE INDEX deliveries_due ON deliveries (hook_id, due_at) WHERE state = 'waiting' AND leased_until IS NULL;
CREATE INDEX deliveries_leased ON deliveries (hook_id, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX deliveries_settled ON deliveries (state, settled_at, hook_id) WHERE settled_at IS NOT NULL;
CREATE INDEX deliveries_release ON deliveries (release_seq);
CREATE INDEX deliveries_replay ON deliveries (replay_of) WHERE replay_of IS NOT NULL;
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
  next_at INTEGER,
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
`
