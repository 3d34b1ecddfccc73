import { DatabaseSync } from 'node:sqlite'
import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { Pool } from 'undici'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { createTriggers } from 'deploy-hooks/triggers'
import { closedLoop, type ThroughputFigure } from './closed-loop.ts'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { createScratchFolder, type ScratchFolder } from '../shared/scratch-folder.ts'

export interface TriggersBenchOptions extends ContestOptions {
  /** Calls of each contestant in a round. */
  readonly calls: number
  readonly inFlight: number
  /** Triggers that the store has, for each contestant. */
  readonly triggers: readonly number[]
}

/** Between two calls, by the store's clock: no trigger comes to its limit, and none of its calls is too old to be kept. */
const betweenCallsMs = 20
/** Triggers that are called in turn, of all that there are. */
const called = 20

/** Calls a second of triggers over SQLite, each of which makes a deployment of its own, beside a handler that inserts a row. */
export async function measureTriggers({
  calls,
  inFlight,
  triggers,
  ...options
}: TriggersBenchOptions): Promise<readonly Standing<ThroughputFigure>[]> {
  await using folder = await createScratchFolder()
  await using stack = new AsyncDisposableStack()
  const measured = async (
    name: string,
    does: string,
    { listener, paths }: Served,
  ): Promise<Contestant<ThroughputFigure>> => {
    const pool = await poolTo(listener, inFlight, stack)
    let sent = 0
    const call = async (): Promise<void> => {
      sent += 1
      const path = `${paths[sent % paths.length]}?branch=b${sent}`
      const { statusCode, body } = await pool.request({ path, method: 'POST' })
      await body.dump()
      if (statusCode !== 202) throw new Error(`Expected a call to be answered 202, got ${statusCode}`)
    }
    return { name, does, measure: () => closedLoop({ deliveries: calls, inFlight }, call) }
  }
  const own = await Promise.all(
    triggers.map(async (count) =>
      measured(
        `${count.toLocaleString('en')} triggers`,
        'token, address, rate, call, lane and deployment, in one transaction',
        await servedTriggers(count, folder, stack),
      ),
    ),
  )
  const byHand = await measured('by hand', 'one INSERT of the path', servedByHand(folder, stack))
  return await contest([...own, byHand], byHand, options)
}

interface Served {
  readonly listener: RequestListener
  readonly paths: readonly string[]
}

async function servedTriggers(
  count: number,
  folder: ScratchFolder,
  stack: AsyncDisposableStack,
): Promise<Served> {
  const store = stack.use(sqliteStore({ path: folder.file(`${count}.db`) }))
  let calls = 0
  const startedAt = Date.now()
  const triggers = stack.use(
    createTriggers({
      store,
      workers: false, // what is started is not measured
      perMinute: 1000,
      params: { branch: z.string() },
      now: () => startedAt + calls * betweenCallsMs,
      onTrigger: () => ({ id: 'none' }),
    }),
  )
  const made = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      triggers.create({ app: `app-${index}`, environment: 'production', params: ['branch'] }),
    ),
  )
  const step = Math.max(1, Math.floor(count / called))
  const paths = made.filter((_, index) => index % step === 0).map(({ token }) => `/${token}`)
  return {
    listener: (request, response) => {
      calls += 1
      void triggers.node(request, response)
    },
    paths,
  }
}

/** The least that keeps a call: on the caller's thread, and as durable. Who calls is not asked. */
function servedByHand(folder: ScratchFolder, stack: AsyncDisposableStack): Served {
  const db = new DatabaseSync(folder.file('by-hand.db'))
  stack.defer(() => db.close())
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE calls (at INTEGER, path TEXT)')
  const insert = db.prepare('INSERT INTO calls VALUES (?, ?)')
  const listener: RequestListener = (request, response) => {
    insert.run(Date.now(), request.url ?? '')
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"ok":true}')
  }
  return { listener, paths: ['/dht_token'] }
}

async function poolTo(
  listener: RequestListener,
  connections: number,
  stack: AsyncDisposableStack,
): Promise<Pool> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections })
  stack.defer(() => void server.close())
  stack.defer(() => pool.close())
  return pool
}
