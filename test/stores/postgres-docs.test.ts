import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { expect, inject, it, onTestFinished } from 'vitest'
import { migrate } from '../../src/stores/postgres/index.ts'

const connectionString = inject('postgres')
const docs = readFileSync(new URL('../../docs/postgres.md', import.meta.url), 'utf8')

it('the tables are described by docs/postgres.md: their columns, and SQL that runs', async () => {
  const schema = `docs_${randomUUID().replaceAll('-', '')}`
  await migrate({ connectionString, schema })
  const client = new pg.Client({ connectionString })
  await client.connect()
  onTestFinished(() => client.end())
  const blocks = Array.from(docs.matchAll(/```sql\n(?<sql>.*?)```/gsu), ({ groups }) => groups?.['sql'] ?? '')
  expect(blocks).toHaveLength(10)
  await client.query('BEGIN')
  for (const block of blocks) await client.query(block.replaceAll('deploy_hooks', schema))
  await client.query('ROLLBACK') // roles are the server's, and not of one test
  const told = ['told_scopes', 'told_rollouts', 'told_keys', 'told_moments']
  for (const table of ['releases', 'deliveries', 'attempts', 'hooks', ...told]) {
    const [, section = ''] = docs.split(`**${table}**`)
    const columns = await client.query<{ column_name: string }>(
      'SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2',
      [schema, table],
    )
    expect(columns.rows).not.toHaveLength(0)
    for (const { column_name: name } of columns.rows)
      expect(section.split(told.includes(table) ? '\n\n**' : '\n**')[0], `${table}.${name}`).toContain(
        `\`${name}\``,
      )
  }
})
