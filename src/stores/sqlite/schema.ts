import type { DatabaseSync } from 'node:sqlite'
import { sqliteTypes, triggerStarts, triggerTables } from '../triggers/tables.ts'

/** `dhk1`, in the header of every file of this store: so that no other application's database is taken for one. */
export const applicationId = 0x64686b31

/**
 * What each version of the schema adds to the one before; `PRAGMA user_version` counts them. docs/sqlite.md documents the
 * result. Released steps never change: a new one is added behind them.
 *
 * Foreign keys are documentation, as enforcing them costs 5 % of each delivery; so do CHECK constraints, 20 %.
 */
const migrations: readonly string[] = [
  `
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
  `,
  // The index ends with `seq`, as every index of a table with a rowid does. What follows no other is not in it.
  `
  ALTER TABLE deliveries ADD COLUMN remote TEXT;
  ALTER TABLE deliveries ADD COLUMN progress TEXT;
  ALTER TABLE deliveries ADD COLUMN grouping TEXT;
  CREATE INDEX deliveries_grouping ON deliveries (hook_id, grouping) WHERE grouping IS NOT NULL;
  ALTER TABLE attempts ADD COLUMN step INTEGER;
  ALTER TABLE attempts ADD COLUMN remote TEXT;
  `,
  // What was told, apart from the deliveries. `former` has a row for a file that an older version made:
  // until then they count as told (docs/decisions/0022). The index has releases of such a version alone, also of one that still runs.
  `
  ALTER TABLE deliveries ADD COLUMN again INTEGER;
  ALTER TABLE releases ADD COLUMN told INTEGER;
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
  INSERT INTO former SELECT unixepoch() * 1000 + 2592000000 FROM pragma_user_version WHERE user_version > 0;
  `,
  triggerTables(sqliteTypes, (table) => table),
  // What is remembered of a hook holds for one URL, and has what its lane is to know after a restart.
  `
  ALTER TABLE hooks ADD COLUMN url TEXT;
  ALTER TABLE hooks ADD COLUMN memory TEXT;
  ${triggerStarts(sqliteTypes, (table) => table)}
  `,
  // Which hook an id means, for who reads the file. Not columns of `hooks`, all of which is read again and again.
  `
  CREATE TABLE hook_names (
    id TEXT PRIMARY KEY,
    shown TEXT NOT NULL,
    target TEXT NOT NULL,
    since INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  // What was told goes into its tables by way of a log, which a process of an older version does not read.
  `
  CREATE TABLE told_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    rollout TEXT NOT NULL,
    stages TEXT NOT NULL,
    released TEXT,
    result TEXT,
    resulted TEXT,
    at INTEGER,
    told_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    scope TEXT,
    stage TEXT,
    last_result TEXT,
    scope_forget_at INTEGER
  );
  ALTER TABLE owners ADD COLUMN reads_log INTEGER;
  `,
]

export const schemaVersion: number = migrations.length

/** Brings a schema to the newest version, all of it or nothing. Processes that open one file at once take turns. */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) === schemaVersion) return
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const step of migrations.slice(versionOf(db))) db.exec(step)
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

export function versionOf(db: DatabaseSync): number {
  return pragma(db, 'user_version')
}

export function pragma(db: DatabaseSync, name: 'user_version' | 'application_id' | 'schema_version'): number {
  const row = db.prepare(`PRAGMA ${name}`).get()
  return Number(row?.[name])
}
