import { hash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { openDatabase } from '../../src/stores/sqlite/database.ts'
import { Engine } from '../../src/stores/sqlite/engine.ts'
import { OwnerLock } from '../../src/stores/sqlite/owner.ts'
import type { Telling } from '../../src/stores/ledger/telling.ts'
import { longMemoryMs } from '../../src/stores/ledger/telling.ts'
import { temporaryFolder } from './temporary.ts'

const closesAfterMs = 86_400_000
const now = 1_800_000_000_000
let nonces = 0

/** Of rollouts of one app, each of which closes the one before. */
function telling(version: number, facts: Partial<Telling> = {}): Telling {
  nonces += 1
  const release = { app: 'web', version: `v${version}`, user: 'u', summary: '' }
  return { release, hooks: [], recordedAt: now, closesAfterMs, nonce: `n.${nonces}`, ...facts }
}

/** Of one of many rollouts that are open at once. */
function deployed(version: number, facts: Partial<Telling> = {}): Telling {
  const { release, ...rest } = telling(version)
  return { ...rest, release: { ...release, deployment: `d-${version}` }, ...facts }
}

function open(path: string): Engine {
  const engine = new Engine(openDatabase(path), path, 1000)
  onTestFinished(() => engine.close())
  return engine
}

function tellAll(engine: Engine, tellings: readonly Telling[]): readonly string[] {
  return engine.transaction(() => tellings.map((each) => engine.tell(JSON.stringify(each), now).news))
}

function tell(engine: Engine, each: Telling): string | undefined {
  return tellAll(engine, [each])[0]
}

/** How many rows the log and the tables have. */
function rowsIn(path: string): Readonly<Record<string, unknown>> {
  using db = new DatabaseSync(path, { readOnly: true })
  const tables = ['told_log', 'told_rollouts', 'told_scopes', 'told_moments']
  const count = (table: string): unknown => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']
  return Object.fromEntries(tables.map((table) => [table, count(table)]))
}

async function newPath(): Promise<string> {
  const folder = await temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return folder.file('hooks.db')
}

const many = Array.from({ length: 1024 }, (_, index) => index)

it('what is told is in the log, and in the tables when there is much of it: a repeat before and after', async () => {
  const path = await newPath()
  const engine = open(path)
  expect(tell(engine, deployed(0))).toBe('told')
  expect(rowsIn(path)).toMatchObject({ told_log: 1, told_rollouts: 0, told_scopes: 0 })
  expect(tell(engine, deployed(0))).toBe('repeated')
  const all = many.map((index) => deployed(index))
  expect(new Set(tellAll(engine, all.slice(1)))).toEqual(new Set(['told']))
  expect(rowsIn(path)).toMatchObject({ told_log: 0, told_rollouts: 1024, told_scopes: 1 })
  expect(new Set(tellAll(engine, all))).toEqual(new Set(['repeated']))
  expect(tell(engine, deployed(2000))).toBe('told')
  expect(rowsIn(path)).toMatchObject({ told_log: 1, told_rollouts: 1024 })
})

it('what is told by one at a time goes into the tables some at a time, and is a repeat all the while', async () => {
  const path = await newPath()
  const [engine, other] = [open(path), open(path)]
  tellAll(
    engine,
    many.slice(1).map((index) => deployed(index)),
  )
  let most = 0
  let before = Number(rowsIn(path)['told_rollouts'])
  for (let version = 2000; Number(rowsIn(path)['told_log']) > 900; version += 1) {
    const teller = version % 3 === 0 ? other : engine
    expect(tellAll(teller, [deployed(version), deployed(1 + (version % 1000))])).toEqual(['told', 'repeated'])
    const { told_rollouts: after } = rowsIn(path)
    most = Math.max(most, Number(after) - before)
    before = Number(after)
  }
  expect(most).toBeLessThanOrEqual(16)
  expect(before).toBeGreaterThanOrEqual(1024)
  const all = many.slice(1).map((index) => deployed(index))
  expect(new Set(tellAll(engine, all))).toEqual(new Set(['repeated']))
  expect(new Set(tellAll(other, all))).toEqual(new Set(['repeated']))
})

it('the log stays bounded when each process ends before it is done', async () => {
  const path = await newPath()
  let most = 0
  for (let process = 0; process < 25; process += 1) {
    const engine = new Engine(openDatabase(path), path, 1000)
    tellAll(
      engine,
      many.slice(0, 200).map((index) => deployed(process * 1000 + index)),
    )
    engine.close()
    most = Math.max(most, Number(rowsIn(path)['told_log']))
  }
  expect(most).toBeLessThan(4096)
  expect(rowsIn(path)).toMatchObject({ told_log: 800 })
})

it('a process that opens the file knows what is in the log', async () => {
  const path = await newPath()
  tellAll(open(path), [telling(1), telling(2)])
  expect(rowsIn(path)).toMatchObject({ told_log: 2 })
  expect(tellAll(open(path), [telling(2), telling(1), telling(2)])).toEqual(['repeated', 'told', 'told'])
})

it('two processes know what the other one told, also when it has put it into the tables', async () => {
  const path = await newPath()
  const [one, other] = [open(path), open(path)]
  expect([tell(one, telling(1)), tell(other, telling(1)), tell(other, telling(2))]).toEqual([
    'told',
    'repeated',
    'told',
  ])
  expect([tell(one, telling(2)), tell(one, telling(1)), tell(other, telling(2))]).toEqual([
    'repeated',
    'told',
    'told',
  ])
  tellAll(
    one,
    many.map((index) => deployed(index)),
  )
  expect(rowsIn(path)).toMatchObject({ told_log: 0 })
  expect(tell(one, telling(3))).toBe('told')
  expect([tell(other, telling(3)), tell(other, deployed(7)), tell(other, telling(2))]).toEqual([
    'repeated',
    'repeated',
    'told',
  ])
  expect(tell(one, telling(3))).toBe('told')
})

it('a transaction that is rolled back has told nothing', async () => {
  const engine = open(await newPath())
  tell(engine, telling(1))
  const fails = (): void =>
    engine.transaction(() => {
      engine.tell(JSON.stringify(telling(2)), now)
      throw new Error('a fault after it')
    })
  expect(fails).toThrow('a fault after it')
  expect(tellAll(engine, [telling(1), telling(2)])).toEqual(['repeated', 'told'])
})

it('a hook that is added later is remembered in the log, too', async () => {
  const engine = open(await newPath())
  const asked = (...hookIds: readonly string[]): readonly string[] =>
    engine
      .transaction(() =>
        engine.tell(JSON.stringify(telling(1, { hooks: hookIds.map((hookId) => ({ hookId })) })), now),
      )
      .fresh.map(([, hookId]) => hookId)
  expect([asked('a'), asked('a', 'b'), asked('a', 'b')]).toEqual([['a'], ['b'], []])
})

it('for as long as a process of the version before runs, the tables have all, and are gone by', async () => {
  const path = await newPath()
  const engine = open(path)
  using before = new DatabaseSync(path)
  const lock = new OwnerLock(path)
  before.prepare('INSERT INTO owners (lock) VALUES (?)').run(lock.name)
  expect(tellAll(engine, [telling(1), telling(2)])).toEqual(['told', 'told'])
  expect(rowsIn(path)).toMatchObject({ told_log: 0, told_rollouts: 2, told_scopes: 1 })
  before.exec(`UPDATE told_scopes SET rollout = 'another, that it told'`)
  expect(tell(engine, telling(2))).toBe('told')
  lock.release()
  engine.claim({ hooks: new Map(), now, until: now })
  tell(engine, telling(3))
  expect(rowsIn(path)).toMatchObject({ told_log: 1, told_rollouts: 2 })
})

it('what is forgotten is dropped from the tables, and not what the log has anew', async () => {
  const path = await newPath()
  const engine = open(path)
  const at = new Date(now).toISOString()
  const moment = telling(1)
  const told = (recordedAt: number): Telling => ({
    ...moment,
    recordedAt,
    release: { ...moment.release, at },
  })
  tell(engine, told(now))
  const later = now + longMemoryMs + 1
  tellAll(
    engine,
    many.map((index) => deployed(index)),
  )
  expect(rowsIn(path)).toMatchObject({ told_rollouts: 1025, told_moments: 1 })
  expect(tell(engine, told(later))).toBe('told')
  tellAll(
    engine,
    many.map((index) => deployed(index + 5000, { recordedAt: later })),
  )
  tellAll(
    engine,
    many.map((index) => deployed(index + 9000, { recordedAt: later })),
  )
  const { told_rollouts: rollouts } = rowsIn(path)
  expect(rollouts).toBeLessThan(1025 + 2049)
  expect(tellAll(engine, [told(later), deployed(5001, { recordedAt: later })])).toEqual([
    'repeated',
    'repeated',
  ])
})

it.each([10, 100, 3000])('what is forgotten makes room, with %i tellings in a transaction', async (each) => {
  const path = await newPath()
  const engine = open(path)
  const alive = 1000
  let recordedAt = now
  for (let version = 0; version < 16 * alive; version += each) {
    const tellings = Array.from({ length: each }, (_, index) => {
      recordedAt += closesAfterMs / alive
      const { release, ...rest } = telling(version + index, {
        recordedAt,
        idempotencyKey: `k-${version + index}`,
      })
      // Neighbours in time are none in the tables.
      return { ...rest, release: { ...release, app: hash('sha256', `${version + index}`).slice(0, 12) } }
    })
    engine.transaction(() => tellings.map((one) => engine.tell(JSON.stringify(one), recordedAt)))
  }
  const { told_log: log, told_rollouts: rollouts } = rowsIn(path)
  expect(Number(log) + Number(rollouts)).toBeLessThan(4 * alive + 2 * each)
})
