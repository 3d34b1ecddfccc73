import { Client } from 'pg'
import { Chance } from '../../../src/testing/store/chance.ts'
import { say } from '../../shared/parts.ts'
import { violationOf, type Report } from '../../shared/report.ts'
import { everything } from './hooks.ts'
import { historyOf, members, nameOf, tasksOf } from './storm-plan.ts'
import { runTeam, type TeamPlan } from './team.ts'
import { judge } from './verdict.ts'

/** What a process of it is started with. */
export interface StormPlan extends TeamPlan {
  readonly events: number
  /** Epoch milliseconds. */
  readonly base: number
  readonly seed: number
}

/** What a process of it did. */
export interface StormTold {
  dispatches: number
  /** Transactions of callers. */
  committed: number
  rolledBack: number
  /** By the server, since another one was first, or both waited for one another. */
  refused: number
  /** Of its dispatches without a transaction, in milliseconds. */
  slowestMs: number
  /** Versions that were told without knowing what another transaction says: of any app. */
  readonly doubted: string[]
  readonly errors: string[]
  /** What it logged beside. */
  readonly lines: string[]
}

export interface StormOptions {
  readonly events: number
  readonly seed: number
  readonly connectionString: string
}

/** Lets many callers tell of the same few apps in opposite orders, and looks at what became of each event. */
export async function storm({ events, seed, connectionString }: StormOptions): Promise<Report> {
  const schema = 'storm'
  const base = Date.now()
  const db = new Client(connectionString)
  await db.connect()
  const deadlocks = await deadlocksIn(db)
  const tasks = tasksOf(events, base, new Chance(seed)).flat()
  const history = historyOf(tasks)
  const { told, deliveries, receipts } = await runTeam<StormTold>({
    script: 'storm-process.ts',
    size: members,
    schema,
    connectionString,
    plan: { events, base, seed },
    history,
    left: () => leftIn(db, schema),
  })
  const names = new Set([...tasks.flatMap((task) => task.events), ...history].map(nameOf))
  const doubted = new Set(told.flatMap((each) => each.doubted))
  const found = judge({
    expected: new Map(Array.from(names, (name) => [name, everything])),
    deliveries,
    receipts,
    eventOf: ({ release: { app, version, at } }) =>
      nameOf(at === undefined ? { app, version } : { app, version, at: Date.parse(at) }),
    isDoubted: (event) => doubted.has(event.split('-')[1] ?? ''),
  })
  const sum = (count: (each: StormTold) => number): number =>
    told.reduce((total, each) => total + count(each), 0)
  const figures = {
    dispatches: sum((each) => each.dispatches),
    'transactions committed': sum(({ committed }) => committed),
    '… rolled back': sum(({ rolledBack }) => rolledBack),
    '… refused by the server': sum(({ refused }) => refused),
    deadlocks: (await deadlocksIn(db)) - deadlocks,
    'left by the SQL function': await takenIn(db, schema),
    ...found.figures,
    'told in doubt': sum((each) => each.doubted.length),
    'slowest dispatch, ms': Math.max(...told.map(({ slowestMs }) => slowestMs)),
    'lines logged': sum(({ lines }) => lines.length),
  }
  await db.end()
  for (const line of new Set(told.flatMap(({ lines }) => lines))) say(line)
  return {
    title: 'deadlock storm',
    figures,
    violations: [
      ...found.violations,
      ...violationOf(
        told.flatMap((each) => each.errors),
        'A dispatch failed',
      ),
      ...(figures.deadlocks === 0 ? ['There was no deadlock'] : []),
    ],
  }
}

/** Releases that SQL left, and no worker has taken yet. */
async function leftIn(db: Client, schema: string): Promise<number> {
  return countIn(db, `${schema}_pgboss.job WHERE name = 'releases' AND state < 'completed'`)
}

async function takenIn(db: Client, schema: string): Promise<number> {
  return countIn(db, `${schema}_pgboss.job WHERE name = 'releases' AND state = 'completed'`)
}

async function countIn(db: Client, from: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`)
  return rows[0]?.count ?? 0
}

async function deadlocksIn(db: Client): Promise<number> {
  await db.query('SELECT pg_stat_clear_snapshot()')
  const { rows } = await db.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  )
  return Number(rows[0]?.deadlocks)
}
