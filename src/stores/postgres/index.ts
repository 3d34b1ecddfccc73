export { migrate, migrationSql, type MigrationSqlOptions } from './migrate.ts'
export type { PostgresPlace } from './place.ts'
export type { PostgresClient, PostgresPool, PostgresQuery } from './pool.ts'
export { postgresStore, type PostgresStoreOptions } from './postgres-store.ts'
