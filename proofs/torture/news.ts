/**
 * Holds what is told against the rule of docs/identity.md: every store against a model, by random sequences; processes that tell at once
 * against every order of their calls; replicas, by what receivers with `seen` handle; and callers that lock each other out.
 * `npm run proofs -- torture/news --memory 10000 --sqlite 500 --postgres 500 --races 500 --rollouts 200 --events 400 --seed 7` is a whole run, and
 * takes a quarter of an hour; `--only storm,replicas` runs some of its parts.
 */
import { parseArgs } from 'node:util'
import { startPostgres } from '../../test/stores/postgres-server.ts'
import { raceAtRandom } from './news/races.ts'
import { tellByReplicas } from './news/replicas.ts'
import { storm } from './news/storm.ts'
import { walkAtRandom } from './news/walks.ts'
import { oneOf, wholeNumber } from '../shared/argument-values.ts'
import { runParts, say, type Part } from '../shared/parts.ts'
import type { Report } from '../shared/report.ts'

const { values } = parseArgs({
  options: {
    memory: { type: 'string', default: '2000' },
    sqlite: { type: 'string', default: '100' },
    postgres: { type: 'string', default: '100' },
    races: { type: 'string', default: '100' },
    rollouts: { type: 'string', default: '60' },
    events: { type: 'string', default: '100' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
  },
})
const { only, ...given } = values
const count = (name: keyof typeof given): number => wholeNumber(name, given[name])
const seed = count('seed')

/** In the order of the report. */
const parts: Readonly<Record<string, Part>> = {
  memory: () => walkAtRandom({ name: 'memory', count: count('memory'), seed, connectionString: '' }),
  sqlite: () => walkAtRandom({ name: 'SQLite', count: count('sqlite'), seed, connectionString: '' }),
  postgres: onServer((server) =>
    walkAtRandom({ name: 'Postgres', count: count('postgres'), seed, ...server }),
  ),
  'sqlite-races': () => raceAtRandom({ name: 'SQLite', count: count('races'), seed, connectionString: '' }),
  'postgres-races': onServer((server) =>
    raceAtRandom({ name: 'Postgres', count: count('races'), seed, ...server }),
  ),
  replicas: onServer((server) => tellByReplicas({ rollouts: count('rollouts'), seed, ...server })),
  storm: onServer((server) => storm({ events: count('events'), seed, ...server })),
}

const all = Object.keys(parts)
const wanted = new Set((only?.split(',') ?? all).map((name) => oneOf(all, 'only', name)))
say(`Seed ${seed}: --seed ${seed} draws the same numbers again`)
await runParts(
  Object.entries(parts).flatMap(([name, part]) => (wanted.has(name) ? [part] : [])),
  { longestMs: 40 * 60_000, allIsWell: 'All that was news was told, and nothing twice.' },
)

/** On a server of its own, which ends a deadlock before anyone who waits for it is told in doubt. */
function onServer(
  part: (server: { readonly connectionString: string }) => Promise<Report>,
): () => Promise<Report> {
  return async () => {
    await using server = await startPostgres({ settings: { deadlock_timeout: '50ms' } })
    return await part({ connectionString: server.connectionString })
  }
}
