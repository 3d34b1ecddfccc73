import pg from 'pg'
import { expect, inject, onTestFinished } from 'vitest'
import type { HookSettings } from '../../src/hooks/options.ts'
import {
  createDispatcher,
  type Dispatch,
  type Dispatcher,
  type ReleaseInput,
  type Store,
} from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { borrowSchema } from '../stores/postgres-fixture.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, type Log } from './started.ts'
import { stores } from './stores.ts'

/** A controller, and whoever sends for it. */
export interface Controller {
  /** @returns ids of the hooks that it was sent to, when all of that has come to an end */
  readonly tell: (facts: Partial<ReleaseInput>, idempotencyKey?: string) => Promise<readonly string[]>
  readonly dispatcher: Dispatcher
  readonly log: Log
}

export type Hooks = readonly ({ readonly id: string } & Omit<HookSettings, 'id'>)[]

/** Opens a controller with these hooks, instead of the one before. All of them share what was told. */
export type Opener = (hooks: Hooks) => Promise<Controller>

/** What is told, and by what. */
interface Told {
  readonly release: ReleaseInput
  readonly idempotencyKey: string | undefined
  readonly dispatcher: Dispatcher
}
/** @returns the dispatch, or resolves when what it led to is recorded */
type Tell = (told: Told) => Promise<Dispatch | undefined>

export interface WayOptions {
  /** What receivers answer. @default 204 */
  readonly status?: () => number
  readonly now?: () => number
}

/** All ways in which a release is told of. */
export const ways: Readonly<Record<string, (options?: WayOptions) => Promise<Opener>>> = {
  'memory store': async (options) => opener(await storesOf('memory'), byDispatch, options),
  'SQLite store': async (options) => opener(await storesOf('SQLite'), byDispatch, options),
  'Postgres store': async (options) => opener(await storesOf('Postgres'), byDispatch, options),
  'Postgres store within a transaction': async (options) =>
    opener(await storesOf('Postgres'), within(), options),
  'Postgres store by its SQL function': async (options) => {
    const schema = borrowSchema()
    return opener(
      () => postgresStore({ connectionString: inject('postgres'), schema }),
      bySql(schema),
      options,
    )
  },
}

function storesOf(name: string): Promise<() => Store> {
  return (stores[name] as (typeof stores)[string])()
}

function opener(open: () => Store, tell: Tell, { status = () => 204, now }: WayOptions = {}): Opener {
  const transport = fakeTransport(() => answer(status()))
  let last: Dispatcher | undefined
  return async (hooks) => {
    await last?.close()
    const log = newLog()
    const store = open()
    const dispatcher = createDispatcher({
      hooks: hooks.map((hook) => ({ ...hook, url: `http://${hook.id}.example/` })),
      store,
      transport,
      logger: log,
      retry: { refusedAttempts: 1 },
      ...(now === undefined ? undefined : { now }),
    })
    onTestFinished(async () => {
      await dispatcher.close({ deadlineMs: 0 })
      await store.close()
    })
    last = dispatcher
    await dispatcher.start()
    return {
      log,
      dispatcher,
      async tell(facts, idempotencyKey) {
        const before = transport.requests.length
        const dispatch = await tell({ release: { ...release, ...facts }, idempotencyKey, dispatcher })
        await dispatch?.settled()
        await expect
          .poll(async () => (await dispatcher.counts()).map(({ state }) => state))
          .not.toContain('waiting')
        const sent = transport.requests.slice(before)
        return sent.map(({ url }) => new URL(url).hostname.replace('.example', '')).toSorted()
      },
    }
  }
}

const byDispatch: Tell = ({ release, idempotencyKey, dispatcher }) =>
  dispatcher.dispatch(release, { idempotencyKey })

function within(): Tell {
  const pool = newPool()
  return async ({ release, idempotencyKey, dispatcher }) => {
    const transaction = await pool.connect()
    try {
      await transaction.query('BEGIN')
      const dispatch = await dispatcher.dispatch(release, { idempotencyKey, transaction })
      await transaction.query('COMMIT')
      return dispatch
    } finally {
      transaction.release()
    }
  }
}

function bySql(schema: string): Tell {
  const pool = newPool()
  return async ({ release, idempotencyKey }) => {
    const told = [JSON.stringify(release), idempotencyKey ?? null]
    const { rows } = await pool.query<{ id: string }>(`SELECT ${schema}.dispatch($1::jsonb, $2) AS id`, told)
    const state = async (): Promise<unknown> =>
      (
        await pool.query<{ state: string }>(`SELECT state FROM ${schema}_pgboss.job WHERE id = $1`, [
          rows[0]?.id,
        ])
      ).rows[0]?.state
    await expect.poll(state).toBe('completed')
    return undefined
  }
}

function newPool(): pg.Pool {
  const pool = new pg.Pool({ connectionString: inject('postgres'), max: 2 })
  onTestFinished(() => pool.end())
  return pool
}
