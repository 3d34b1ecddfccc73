/**
 * Calls triggers while the processes that take the calls are killed, and asks them oddly: whatever was answered 2xx is started, nothing is started
 * twice without a kill in between, nothing is taken after a trigger was revoked; and no request, however odd, is answered with anything but what
 * the library has to say, read before its token was right, or finds a token in what is answered, told or kept.
 * `npm run proofs -- torture/triggers --kills 50 --calls 2000 --requests 10000 --slow 300 --seed 7` is a whole run, and takes ten minutes;
 * `--only sqlite-kills,flood` runs some of its parts.
 */
import { parseArgs } from 'node:util'
import { startPostgres } from '../../test/stores/postgres-server.ts'
import { createScratchFolder } from '../shared/scratch-folder.ts'
import { oneOf, wholeNumber } from '../shared/argument-values.ts'
import { runParts, say, type Part } from '../shared/parts.ts'
import type { Report } from '../shared/report.ts'
import { killPlatform } from './triggers/kills.ts'
import { askOddly } from './triggers/odd.ts'
import { floodSlowly } from './triggers/flood.ts'
import type { Place } from './triggers/place.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    calls: { type: 'string', default: '2000' },
    requests: { type: 'string', default: '10000' },
    slow: { type: 'string', default: '300' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
  },
})
const { only, ...given } = values
const count = (name: keyof typeof given): number => wholeNumber(name, given[name])
const seed = count('seed')

const kill = (place: Place): Promise<Report> =>
  killPlatform({
    place,
    kills: count('kills'),
    calls: count('calls'),
    seed,
    settlingMs: 90_000,
    say,
  })
const ask = (place: Place): Promise<Report> => askOddly({ place, requests: count('requests'), seed, say })

/** In the order of the report. */
const parts: Readonly<Record<string, Part>> = {
  'sqlite-kills': inFile(kill),
  'postgres-kills': onServer(kill),
  'sqlite-odd': inFile(ask),
  'postgres-odd': onServer(ask),
  flood: inFile((place) => floodSlowly({ place, slow: count('slow'), say })),
}

const all = Object.keys(parts)
const wanted = new Set((only?.split(',') ?? all).map((name) => oneOf(all, 'only', name)))
say(`Seed ${seed}: --seed ${seed} draws the same numbers again`)
await runParts(
  Object.entries(parts).flatMap(([name, part]) => (wanted.has(name) ? [part] : [])),
  { longestMs: 40 * 60_000, allIsWell: 'Whatever was taken was started, and no token was found.' },
)

function inFile(part: (place: Place) => Promise<Report>): Part {
  return async () => {
    await using folder = await createScratchFolder()
    return await part({ name: 'SQLite', path: folder.file('triggers.db') })
  }
}

/** On a server of its own. */
function onServer(part: (place: Place) => Promise<Report>): Part {
  return async () => {
    await using server = await startPostgres()
    return await part({
      name: 'Postgres',
      connectionString: server.connectionString,
      schema: 'triggers',
    })
  }
}
