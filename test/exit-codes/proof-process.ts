/** A proof with a PostgreSQL server of its own, that comes to what it is told. `<what>` */
import { runParts, say } from '../../proofs/shared/parts.ts'
import { startPostgres } from '../stores/postgres-server.ts'

const what = process.argv[2] ?? ''
{
  await using server = await startPostgres()
  say(`PostgreSQL is process ${server.pid}`)
  await runParts([
    () => {
      if (what === 'throws') throw new Error('A part that throws')
      return Promise.resolve({ title: 'one', figures: {}, violations: what === 'violated' ? ['It is'] : [] })
    },
    () => Promise.resolve(what === 'empty' ? [] : { title: 'another', figures: {}, violations: [] }),
  ])
}
if (what === 'unsettled') await new Promise(() => undefined)
