import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Statements with fixed texts, by name: prepared once. */
export function prepared<Name extends string>(
  db: DatabaseSync,
  texts: Readonly<Record<Name, string>>,
): Readonly<Record<Name, StatementSync>> {
  const statements = Object.entries<string>(texts).map(([name, text]) => [name, db.prepare(text)])
  return Object.fromEntries(statements) as Readonly<Record<Name, StatementSync>>
}
