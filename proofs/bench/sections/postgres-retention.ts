import { tableOf } from '../../shared/table.ts'
import { measurePostgresRetention } from '../postgres-retention.ts'

export async function section(rounds: number): Promise<string> {
  const every = rounds < 5 ? 10_000 : 20_000
  const deliveries = 10 * every
  const found = await measurePostgresRetention({ deliveries, every })
  const times = found.times.filter((_, index) => index % 3 === 0 || index === found.times.length - 1)
  return `
## PostgreSQL: what is forgotten

${deliveries.toLocaleString('en')} deliveries are recorded and settled as fast as it goes, 1,000 in a call; after each ${every.toLocaleString('en')}, those of the time before are forgotten
by \`prune()\`. The server vacuums when it likes, with the settings of the tables. Megabytes are those of \`deliveries\` and its indexes. Before the last
turn, \`VACUUM\` is run by hand, since the server looks once a minute only: it takes ${found.vacuumMs.toFixed(0)} ms.

${tableOf(times, [
  { title: 'settled', cell: (row) => row.deliveries.toLocaleString('en') },
  { title: 'rows', cell: (row) => row.rows.toLocaleString('en') },
  { title: 'dead rows', cell: (row) => row.deadRows.toLocaleString('en') },
  { title: 'MB', cell: (row) => row.megabytes.toFixed(1) },
  { title: 'vacuums', cell: (row) => row.vacuums.toLocaleString('en') },
])}

Forgetting one takes ${found.pruneMicros.toFixed(0)} µs and ${found.pruneWalBytes.toFixed(0)} bytes of WAL: ${Math.round(found.prunedPerSecond).toLocaleString('en')} a second. To drop three tables with as many rows as were
left takes ${found.dropMs.toFixed(0)} ms and ${Math.round(found.dropWalBytes / 1000)} KB of WAL in all.
`
}
