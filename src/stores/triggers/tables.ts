/** The tables of triggers, for SQLite and PostgreSQL alike but for the names of types. `{name}` is put in by each. */

interface Types {
  /** Of epoch milliseconds. */
  readonly integer: string
  /** Told apart and sorted by its bytes. */
  readonly text: string
  /** Behind a table that is found by its key. */
  readonly keyed: string
}

export const sqliteTypes: Types = { integer: 'INTEGER', text: 'TEXT', keyed: ' WITHOUT ROWID' }
export const postgresTypes: Types = { integer: 'bigint', text: 'text COLLATE "C"', keyed: '' }

export const tableNames = [
  'triggers',
  'trigger_tokens',
  'trigger_lanes',
  'trigger_deployments',
  'trigger_calls',
  'trigger_keys',
] as const

/** @param name how a table is named in a statement */
export function triggerTables({ integer, text, keyed }: Types, name: (table: string) => string): string {
  return `
CREATE TABLE ${name('triggers')} (
  id ${text} PRIMARY KEY,
  tenant ${text},
  app ${text} NOT NULL,
  environment ${text},
  dialect ${text} NOT NULL,
  settings ${text} NOT NULL,
  created_at ${integer} NOT NULL,
  expires_at ${integer},
  revoked_at ${integer},
  last_used_at ${integer},
  last_used_from ${text},
  recent ${text} NOT NULL
)${keyed};
CREATE INDEX triggers_app ON ${name('triggers')} (app, id);
CREATE TABLE ${name('trigger_tokens')} (
  digest ${text} PRIMARY KEY,
  trigger_id ${text} NOT NULL,
  hint ${text} NOT NULL,
  made_at ${integer} NOT NULL,
  expires_at ${integer}
)${keyed};
CREATE INDEX trigger_tokens_trigger ON ${name('trigger_tokens')} (trigger_id);
CREATE TABLE ${name('trigger_lanes')} (
  lane ${text} PRIMARY KEY,
  made ${integer} NOT NULL
)${keyed};
CREATE TABLE ${name('trigger_deployments')} (
  id ${text} PRIMARY KEY,
  lane ${text} NOT NULL,
  number ${integer} NOT NULL,
  trigger_id ${text} NOT NULL,
  call_id ${text} NOT NULL,
  status ${text} NOT NULL,
  overlap ${text} NOT NULL,
  facts ${text} NOT NULL,
  depth ${integer} NOT NULL,
  attempt ${integer} NOT NULL,
  created_at ${integer} NOT NULL,
  due_at ${integer} NOT NULL,
  leased_until ${integer} NOT NULL,
  started_at ${integer},
  finished_at ${integer},
  external_id ${text},
  url ${text},
  error ${text}
)${keyed};
CREATE INDEX trigger_deployments_open ON ${name('trigger_deployments')} (lane, number) WHERE finished_at IS NULL;
CREATE INDEX trigger_deployments_due ON ${name('trigger_deployments')} (status, due_at) WHERE finished_at IS NULL;
CREATE INDEX trigger_deployments_external ON ${name('trigger_deployments')} (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX trigger_deployments_trigger ON ${name('trigger_deployments')} (trigger_id, created_at, number);
CREATE INDEX trigger_deployments_finished ON ${name('trigger_deployments')} (finished_at) WHERE finished_at IS NOT NULL;
CREATE TABLE ${name('trigger_calls')} (
  id ${text} PRIMARY KEY,
  trigger_id ${text} NOT NULL,
  at ${integer} NOT NULL,
  outcome ${text} NOT NULL,
  deployment_id ${text},
  address ${text},
  user_agent ${text},
  facts ${text}
)${keyed};
CREATE INDEX trigger_calls_trigger ON ${name('trigger_calls')} (trigger_id, at, id);
CREATE TABLE ${name('trigger_keys')} (
  trigger_id ${text} NOT NULL,
  key ${text} NOT NULL,
  fingerprint ${text} NOT NULL,
  deployment_id ${text} NOT NULL,
  forget_at ${integer} NOT NULL,
  PRIMARY KEY (trigger_id, key)
)${keyed};
CREATE INDEX trigger_keys_forget ON ${name('trigger_keys')} (forget_at);
`
}

/** Failed starts, apart from those that died; and what a deployment took the place of, so that a start that died is told again. */
export function triggerStarts({ integer, text }: Types, name: (table: string) => string): string {
  return `
ALTER TABLE ${name('trigger_deployments')} ADD COLUMN failures ${integer} NOT NULL DEFAULT 0;
ALTER TABLE ${name('trigger_deployments')} ADD COLUMN replaced_by ${text};
CREATE INDEX trigger_deployments_replaced ON ${name('trigger_deployments')} (replaced_by) WHERE replaced_by IS NOT NULL;
`
}
