import { hash, randomBytes } from 'node:crypto'
import { chmod, copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StoreError } from '../../src/index.ts'
import { openDatabase } from '../../src/stores/sqlite/database.ts'
import { Engine } from '../../src/stores/sqlite/engine.ts'
import { faultOf, storeError } from '../../src/stores/sqlite/faults.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { tearFiles } from '../../proofs/torture/torn-files/tear.ts'
import {
  idsIn,
  inProcess,
  locksIn,
  newDelivery,
  onLinux,
  open,
  summary,
  unprivileged,
} from './sqlite-fixture.ts'
import { temporaryFolder } from './temporary.ts'

/** What the path refuses with. */
function refusalOf(path: string): StoreError {
  try {
    void sqliteStore({ path }).close()
  } catch (error) {
    if (error instanceof StoreError) return error
    throw error
  }
  throw new Error('Expected a StoreError, got a store')
}

/** Every file of a folder but SQLite's `-shm`, which is no data: it is made from the WAL. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith('-shm'))
  const digests = names.map(async (name) => hash('sha256', await readFile(`${folder}/${name}`)))
  return new Map((await Promise.all(digests)).map((digest, index) => [names[index] ?? '', digest]))
}

describe('a new file', () => {
  it('is for its owner alone, and so are the files beside it that hold something', async () => {
    await using folder = await temporaryFolder()
    const umask = process.umask(0)
    onTestFinished(() => void process.umask(umask))
    await open(folder.file('store.db')).record([newDelivery('1')], 9)
    for (const end of ['', '-wal', '-shm']) {
      const { mode } = await stat(folder.file(`store.db${end}`))
      expect([end, (mode & 0o777).toString(8)]).toEqual([end, '600'])
    }
    const [lock = ''] = await locksIn(folder.path)
    expect((await stat(folder.file(lock))).size).toBe(0)
  })

  it('may be there already, empty', async () => {
    await using folder = await temporaryFolder()
    await writeFile(folder.file('store.db'), '')
    const store = open(folder.file('store.db'))
    await store.record([newDelivery('1')], 9)
    expect(await idsIn(store)).toEqual(['1'])
  })

  it('may have been left half made by a process that was killed', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const maker = new DatabaseSync(folder.file('maker.db'))
    maker.exec('PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(90000))')
    await copyFile(folder.file('maker.db'), path)
    await copyFile(folder.file('maker.db-journal'), `${path}-journal`)
    maker.close()
    expect((await stat(path)).size).toBeGreaterThan(0)
    expect(await idsIn(open(path))).toEqual([])
  })
})

type Maker = (path: string) => Promise<void> | void

function database(path: string, sql: string): void {
  const db = new DatabaseSync(path)
  db.exec(sql)
  db.close()
}

/** As a process leaves it that was killed: what it wrote is in the WAL alone. */
async function killed(path: string, sql: string): Promise<void> {
  const db = new DatabaseSync(`${path}-source`)
  db.exec(`PRAGMA journal_mode = WAL; ${sql}`)
  await copyFile(`${path}-source`, path)
  await copyFile(`${path}-source-wal`, `${path}-wal`)
  db.close()
}

const ofTheStore = 'PRAGMA application_id = 0x64686b31'
const notOurs: Readonly<Record<string, readonly [code: string, make: Maker]>> = {
  'a text': ['store_corrupt', (path) => writeFile(path, 'Release notes of version 4.\n'.repeat(500))],
  'a short text': ['store_corrupt', (path) => writeFile(path, 'v4\n')],
  'an image': [
    'store_corrupt',
    (path) => writeFile(path, Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(9000)])),
  ],
  "another application's database": ['store_foreign', (path) => database(path, 'CREATE TABLE t (x)')],
  "another application's database without tables": [
    'store_foreign',
    (path) => database(path, 'PRAGMA application_id = 7; PRAGMA user_version = 1'),
  ],
  "another application's database that counts versions, without tables": [
    'store_foreign',
    (path) => database(path, 'PRAGMA user_version = 1'),
  ],
  "another application's database, after a kill": [
    'store_foreign',
    (path) => killed(path, 'CREATE TABLE t (x); INSERT INTO t VALUES (1)'),
  ],
  'a newer store': [
    'store_newer',
    (path) => database(path, `CREATE TABLE t (x); ${ofTheStore}; PRAGMA user_version = 99`),
  ],
  'a newer store, after a kill': [
    'store_newer',
    (path) => killed(path, `CREATE TABLE t (x); ${ofTheStore}; PRAGMA user_version = 99`),
  ],
}

const toDo: Readonly<Record<string, RegExp>> = {
  store_corrupt: /Keep the file, and start with another or a backup\./u,
  store_foreign: /got another application's SQLite database\. Give the store a path of its own\.$/u,
  store_newer: /got 99: a newer deploy-hooks wrote it\. Use that version\.$/u,
}

describe('a file that is not of this store', () => {
  it.each(Object.entries(notOurs))('is refused and left as it is: %s', async (_, [code, make]) => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    await make(path)
    const before = await filesIn(folder.path)
    const refusal = refusalOf(path)
    expect(refusal.code).toBe(code)
    expect(refusal.message).toMatch(toDo[code] ?? 'nothing')
    expect(refusal.message.startsWith(`${path}: Expected `)).toBe(true)
    expect(await filesIn(folder.path)).toEqual(before)
  })
})

describe('a path that no file can be at', () => {
  it('is refused when its folder is not there', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('none/store.db')
    const { code, message } = refusalOf(path)
    expect([code, message]).toEqual([
      'store_unavailable',
      `${join(folder.path, '…')}: Expected a file in a folder that exists and can be written, got ENOENT.`,
    ])
  })

  it('is refused without a word of it, when it is something else', () => {
    const { message } = refusalOf('postgres://user:s3cret@db.example/platform')
    expect(message).toBe(
      `${join(process.cwd(), '…')}: Expected a file in a folder that exists and can be written, got ENOENT.`,
    )
  })

  it('is refused when a folder is there', async () => {
    await using folder = await temporaryFolder()
    const { code, message } = refusalOf(folder.path)
    expect(code).toBe('store_unavailable')
    expect(message).toContain(`${folder.path}: Expected a file`)
  })
})

describe.runIf(onLinux)('a user who may not write', () => {
  const attempt = (path: string): string =>
    `try { sqliteStore({ path: ${JSON.stringify(path)} }); console.log('opened') }
     catch ({ code, message }) { console.log(JSON.stringify({ code, message })) }`

  async function ownStore(path: string): Promise<void> {
    await using store = sqliteStore({ path })
    await store.record([newDelivery('1')], 9)
  }

  it('is told so of a file that may only be read', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    await ownStore(path)
    await chmod(folder.path, 0o777)
    await chmod(path, 0o444)
    const before = await filesIn(folder.path)
    const refusal = JSON.parse(await inProcess(attempt(path), unprivileged())) as StoreError
    expect(refusal.code).toBe('store_read_only')
    expect(refusal.message).toBe(`${path}: Expected a file that this process may write, got EACCES.`)
    expect(await filesIn(folder.path)).toEqual(before)
  })

  it('is told so of a file that may not even be read', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    await ownStore(path)
    await chmod(folder.path, 0o777)
    await chmod(path, 0)
    const refusal = JSON.parse(await inProcess(attempt(path), unprivileged())) as StoreError
    expect(refusal.code).toBe('store_unavailable')
    expect(refusal.message).toContain(`${path}: Expected`)
  })

  it('is told so of a folder that takes no file', async () => {
    await using folder = await temporaryFolder()
    const inside = folder.file('inside')
    await mkdir(inside)
    await chmod(folder.path, 0o755)
    await chmod(inside, 0o555)
    const path = `${inside}/store.db`
    const refusal = JSON.parse(await inProcess(attempt(path), unprivileged())) as StoreError
    expect([refusal.code, refusal.message]).toEqual([
      'store_unavailable',
      `${join(inside, '…')}: Expected a file in a folder that exists and can be written, got EACCES.`,
    ])
  })
})

describe('a damaged file', () => {
  it('shows what was acknowledged before the damage to its WAL, and nothing that was never written', async () => {
    const { covered, uncovered, violations } = await tearFiles({
      count: 54,
      mainCount: 24,
      seed: 7,
      steps: 60,
      throughStores: 20,
      parts: {
        openStore: (path) => sqliteStore({ path }),
        openEngine: (path) => new Engine(openDatabase(path), path, 100_000),
        storeErrorOf: (error, path) => storeError(faultOf(error, path)),
      },
    })
    expect(violations).toEqual([])
    for (const { kind, copies, exact } of covered) expect([kind, exact]).toEqual([kind, copies])
    const refused = uncovered.flatMap((tally) => [...tally.refused.keys()])
    expect(refused).toContain('store_corrupt')
    expect(refused).not.toContain('store_failed')
  })

  it('is refused, untouched, when half of it is missing', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const store = open(path)
    await store.record(
      Array.from({ length: 300 }, (_, index) => newDelivery(`${index}`)),
      9,
    )
    await store.close()
    await truncate(path, (await stat(path)).size / 2)
    const before = hash('sha256', await readFile(path))
    const { code, message } = refusalOf(path)
    expect(code).toBe('store_corrupt')
    expect(message).not.toContain(summary)
    expect(message).toContain(`${path}: Expected a sound SQLite database. Keep the file,`)
    expect(hash('sha256', await readFile(path))).toBe(before)
  })
})
