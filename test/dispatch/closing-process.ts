/** A worker on a PostgreSQL server that dispatches a release. SIGTERM closes it and its store, and it ends by itself. `<place> <receiver>` */
import { createDispatcher } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'

const [connectionString = '', receiver = ''] = process.argv.slice(2)
const store = postgresStore({ connectionString, schema: 'closing' })
const dispatcher = createDispatcher({
  hooks: ['answers', 'hangs'].map((id) => ({ id, url: `${receiver}/${id}` })),
  secret: 'of the test',
  egress: { allow: ['127.0.0.1'] },
  store,
  logger: { warn: () => undefined, error: () => undefined },
})
const living = setInterval(() => undefined, 60_000)
process.once('SIGTERM', () => void close())
await dispatcher.dispatch({ app: 'web', version: 1, user: 'gabrtv' })

async function close(): Promise<void> {
  await dispatcher.close({ deadlineMs: 100 })
  await store.close()
  clearInterval(living)
}
