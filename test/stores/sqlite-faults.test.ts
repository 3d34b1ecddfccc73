import { readdir, readlink } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StoreError } from '../../src/index.ts'
import { openDatabase } from '../../src/stores/sqlite/database.ts'
import { Engine } from '../../src/stores/sqlite/engine.ts'
import { newValues } from '../../src/stores/rows.ts'
import { faultOf } from '../../src/stores/sqlite/faults.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { claimIn, idsIn, locksIn, newDelivery, onLinux, open, summary } from './sqlite-fixture.ts'
import { temporaryFolder } from './temporary.ts'

/** What a call rejects with. */
async function faultIn(call: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await call.then(
    () => new Error('Expected a fault, got an answer'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'StoreError' })
  expect((error as Error).message).not.toContain(summary)
  return error as StoreError
}

/** The threads that stores start while a test runs. */
function threads(): readonly Worker[] {
  const started: Worker[] = []
  const add = (worker: Worker): void => void started.push(worker)
  process.on('worker', add)
  onTestFinished(() => void process.off('worker', add))
  return started
}

async function killed(worker: Worker | undefined): Promise<void> {
  await worker?.terminate()
}

describe('a full disk', () => {
  it('takes nothing of what does not fit, keeps what was there, and works again with room', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const db = openDatabase(path)
    const engine = new Engine(db, path, 100)
    onTestFinished(() => engine.close())
    const record = (id: string): void =>
      void engine.transaction(() => engine.record(newValues([newDelivery(id)]), 9))
    const ids = (): readonly string[] => engine.pages.list({}, { limit: 1000 }).deliveries.map(({ id }) => id)
    record('0')
    db.exec(`PRAGMA max_page_count = ${Number(db.prepare('PRAGMA page_count').get()?.['page_count']) + 2}`)

    const acknowledged = ['0']
    let fault: unknown
    while (fault === undefined) {
      try {
        record(`${acknowledged.length}`)
        acknowledged.push(`${acknowledged.length}`)
      } catch (error) {
        fault = error
      }
    }
    const { code, message } = faultOf(fault, path)
    expect(code).toBe('store_full')
    expect(message).toContain(`${path}: Expected free space on the disk.`)
    expect(message).not.toContain(summary)
    expect(ids()).toEqual(acknowledged)

    db.exec('PRAGMA max_page_count = 100000')
    record('again')
    expect(ids()).toEqual([...acknowledged, 'again'])
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  })
})

describe('a file that another program keeps locked', () => {
  it('is busy after 5 seconds, while the event loop goes on, and works again afterwards', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const store = open(path)
    await store.record([newDelivery('1')], 9)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    let ticks = 0
    const ticking = setInterval(() => (ticks += 1), 100)
    onTestFinished(() => clearInterval(ticking))

    const { code, message } = await faultIn(store.record([newDelivery('2')], 9))
    expect(code).toBe('store_busy')
    expect(message).toContain(`${path}: Expected the write lock within 5 s; another process holds it.`)
    expect(ticks).toBeGreaterThan(20)
    expect(await idsIn(store)).toEqual(['1'])

    other.exec('ROLLBACK')
    await store.record([newDelivery('3')], 9)
    expect(await idsIn(store)).toEqual(['1', '3'])
  })
})

describe('a store that is closed while nothing can be written', () => {
  it('closes, and the next one hands back what it had claimed', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const db = openDatabase(path)
    const engine = new Engine(db, path, 100)
    engine.transaction(() => engine.record(newValues([newDelivery('1')]), 9e12))
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    db.exec('PRAGMA busy_timeout = 0')
    engine.close()
    other.exec('ROLLBACK')
    expect(await locksIn(folder.path)).toEqual([])
    expect(await claimIn(open(path))).toMatchObject([{ delivery: { id: '1' } }])
  })
})

describe('a closed store', () => {
  it('answers what was called before, refuses what is called after, and may be closed again', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const store = sqliteStore({ path })
    const before = store.record([newDelivery('1')], 9)
    const closing = store.close()
    const after = faultIn(store.record([newDelivery('2')], 9))
    expect(await before).toMatchObject([{ fresh: true }])
    const { code, message } = await after
    expect(code).toBe('store_closed')
    expect(message).toBe(
      'The store is closed. Close the dispatchers that use it first, or create another one.',
    )
    await closing
    await store.close()
    expect((await faultIn(store.counts())).code).toBe('store_closed')
    expect(await idsIn(open(path))).toEqual(['1'])
  })
})

describe('a thread that ends', () => {
  it('fails what it had not answered, and loses nothing: the next call starts another', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const started = threads()
    const store = open(path)
    await store.record([newDelivery('1')], 9)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE') // so that the next call has no answer before the thread ends
    const unanswered = faultIn(store.record([newDelivery('2')], 9))
    await nextTurn()
    const ended = killed(started[0])
    other.exec('ROLLBACK')

    const { code, message } = await unanswered
    expect(code).toBe('store_failed')
    expect(message).toBe(
      `${path}: Expected an answer of the store's thread, which was lost: it ended. What was asked for may have happened. Ask again: another thread answers.`,
    )
    await ended
    await store.record([newDelivery('2')], 9)
    expect(await idsIn(store)).toEqual(['1', '2'])
    expect(started).toHaveLength(2)
  })

  it('gives its leases up: the deliveries are claimed again', async () => {
    await using folder = await temporaryFolder()
    const started = threads()
    const store = open(folder.file('store.db'))
    await store.record([newDelivery('1')], 9e12)
    expect(await claimIn(store)).toEqual([])
    await killed(started[0])
    expect(await claimIn(store)).toMatchObject([{ delivery: { id: '1' } }])
    await store.close()
    expect(await readdir(folder.path)).toEqual(['store.db'])
  })

  it('takes no answer from the one that follows it, when it ends later than it was lost', async () => {
    await using folder = await temporaryFolder()
    const started = threads()
    const store = open(folder.file('store.db'))
    await store.counts()
    started[0]?.emit('error', new Error('out of memory'))
    const recorded = store.record([newDelivery('1')], 9)
    await killed(started[0])
    expect(await recorded).toMatchObject([{ fresh: true }])
    expect(await idsIn(store)).toEqual(['1'])
    expect(started).toHaveLength(2)
  })
})

describe('values that no version of the store wrote', () => {
  const spoilt = {
    'facts that are no JSON': `UPDATE releases SET facts = '{"meta":"${summary}'`,
    'a number that no JavaScript number holds': 'UPDATE deliveries SET recorded_at = 9223372036854775807',
  }

  it.each(Object.entries(spoilt))('are told as damage, and not quoted: %s', async (_, sql) => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const store = open(path)
    await store.record([newDelivery('1')], 9)
    const other = new DatabaseSync(path)
    other.exec(sql)
    other.close()
    const { code, message } = await faultIn(store.list({}, { limit: 9 }))
    expect(code).toBe('store_corrupt')
    expect(message).toContain(`${path}: Expected`)
    expect(message).toContain('Keep the file, and start with another or a backup.')
    await store.record([newDelivery('2')], 9)
  })
})

describe('a file that cannot be used now', () => {
  it.runIf(onLinux)('is not kept open by calls that fail', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const store = open(path)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('ALTER TABLE owners RENAME TO elsewhere')
    const openFiles = async (): Promise<number> => {
      const files = (await readdir('/proc/self/fd')).map((fd) =>
        readlink(`/proc/self/fd/${fd}`).catch(() => ''),
      )
      return (await Promise.all(files)).filter((file) => file === path).length
    }
    expect((await faultIn(store.counts())).code).toBe('store_corrupt')
    const before = await openFiles()
    for (let call = 0; call < 5; call += 1) await faultIn(store.counts())
    expect(await openFiles()).toBe(before)
    other.exec('ALTER TABLE elsewhere RENAME TO owners')
    expect(await store.counts()).toEqual([])
  })
})
