import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import {
  ConfigurationError,
  StoreError,
  type Attempt,
  type NewDelivery,
  type Store,
} from '../../src/index.ts'
import { tableNames } from '../../src/stores/triggers/tables.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { prepareStatements } from '../../src/stores/sqlite/statements.ts'
import { answer, fakeTransport } from '../dispatch/fake-transport.ts'
import { secret, start } from '../dispatch/started.ts'
import { temporaryFolder } from './temporary.ts'

const release = { app: 'web', version: 'v1', user: 'u', summary: 's' }
const later = 1e15

function newDelivery(id: string, hookId = 'a'): NewDelivery {
  return { id, hookId, release, recordedAt: 1 }
}

async function deliver(store: Store, ids: readonly string[], hookId?: string): Promise<void> {
  const recorded = await store.record(
    ids.map((id) => newDelivery(id, hookId)),
    later,
  )
  await Promise.all(
    recorded.map(({ delivery, token = 0 }) => store.settle({ delivery, token }, attemptOf(delivery.id))),
  )
}

function attemptOf(deliveryId: string): Attempt {
  const times = { startedAt: 2, endedAt: 3, timings: { totalMs: 1 } }
  const outcome = { kind: 'delivered', reason: 'status-200' } as const
  return { deliveryId, number: 1, ...times, connects: 1, status: 200, excerpt: 'ok', outcome }
}

const named = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** Commits in a WAL that was not started over: frames that end a transaction say how large the file is then. */
function commitsIn(walPath: string): number {
  const wal = readFileSync(walPath)
  const pageSize = wal.readUInt32BE(8)
  let commits = 0
  for (let frame = 32; frame + 24 + pageSize <= wal.length; frame += 24 + pageSize)
    if (wal.readUInt32BE(frame + 4) !== 0) commits += 1
  return commits
}

describe('the SQLite store', () => {
  it('commits what is asked for in one turn of the event loop at once', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    await store.counts() // opened
    const before = commitsIn(folder.file('hooks.db-wal'))
    await Promise.all(named(200).map((id) => store.record([newDelivery(id)], later)))
    expect(commitsIn(folder.file('hooks.db-wal')) - before).toBe(1)
  })

  it('answers a read with what was written in the same turn', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    const [, [delivery], counts] = await Promise.all([
      store.record([newDelivery('1')], later),
      store.get(['1']),
      store.counts(),
    ])
    expect(delivery?.id).toBe('1')
    expect(counts).toEqual([{ hookId: 'a', state: 'waiting', count: 1 }])
  })

  it('is described by docs/sqlite.md: its columns, and queries that run', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    await deliver(store, ['dlv_1'])
    const docs = readFileSync(new URL('../../docs/sqlite.md', import.meta.url), 'utf8')
    using db = new DatabaseSync(folder.file('hooks.db'), { readOnly: true })
    const queries = [...docs.matchAll(/```sql\n(?<sql>.*?)```/gsu)].map(({ groups }) => groups?.['sql'] ?? '')
    expect(queries).toHaveLength(6)
    for (const query of queries) db.prepare(query).all()
    expect(db.prepare('PRAGMA user_version').get()).toEqual({
      user_version: Number(/version (\d+)/u.exec(docs)?.[1]),
    })
    const told = ['told_scopes', 'told_rollouts', 'told_keys', 'told_moments', 'former', 'told_log']
    for (const table of ['releases', 'deliveries', 'attempts', 'hooks', 'owners', ...told]) {
      const [, section = ''] = docs.split(`**${table}**`)
      for (const { name } of db.prepare('SELECT name FROM pragma_table_info(?)').all(table))
        if (table !== 'owners')
          expect(
            section.split(told.includes(table) ? '\n\n**' : '\n**')[0],
            `${table}.${String(name)}`,
          ).toContain(`\`${String(name)}\``)
    }
  })

  it('has the tables of triggers as docs/triggers.md describes them', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    await store.counts()
    const docs = readFileSync(new URL('../../docs/triggers.md', import.meta.url), 'utf8')
    using db = new DatabaseSync(folder.file('hooks.db'), { readOnly: true })
    const queries = /```sql\n(?<sql>.*?)```/su
      .exec(docs)
      ?.groups?.['sql']?.split(';')
      .filter((text) => text.trim() !== '')
    expect(queries).toHaveLength(2)
    for (const query of queries ?? []) db.prepare(query).all()
    for (const table of tableNames) {
      const [, section = ''] = docs.split(`**${table}**`)
      for (const { name } of db.prepare('SELECT name FROM pragma_table_info(?)').all(table))
        expect(section.split('**')[0], `${table}.${String(name)}`).toContain(`\`${String(name)}\``)
    }
  })

  it('holds no secret, signature, or hook URL, even when the receiver echoes them', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    const transport = fakeTransport(({ url, headers }) =>
      answer(400, undefined, `echo: ${url} ${headers['authorization']} ${secret}`),
    )
    const hooks = ['http://one.example/hook?token=t0ken%2Fabc']
    const dispatcher = start(transport, { store, hooks, retry: { delaysMs: [] } })
    await (await dispatcher.dispatch({ app: 'web', version: 1, user: 'gabrtv' })).settled()
    const signature = transport.requests[0]?.headers['authorization'] ?? 'none'
    const bytes = ['hooks.db', 'hooks.db-wal'].map((file) => readFileSync(folder.file(file), 'latin1')).join()
    expect(bytes).toContain('echo: http://one.example/hook?')
    for (const hidden of [secret, signature, 't0ken']) expect(bytes).not.toContain(hidden)
  })

  it('keeps the newest delivered and dead ones, and a file that does not grow', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db'), keep: 300 })
    using db = new DatabaseSync(folder.file('hooks.db'), { readOnly: true })
    const pages: number[] = []
    for (const round of named(6)) {
      await deliver(store, named(500, `${round}-`))
      pages.push(Number(db.prepare('PRAGMA page_count').get()?.['page_count']))
    }
    const [{ count } = { count: 0 }] = await store.counts()
    expect(count).toBeGreaterThanOrEqual(300)
    expect(count).toBeLessThan(500)
    expect(await store.get(['5-499', '0-0'])).toMatchObject([{ id: '5-499' }, undefined])
    expect(db.prepare('SELECT count(*) AS n FROM releases').get()?.['n']).toBeLessThanOrEqual(6)
    expect(db.prepare('SELECT count(*) AS n FROM attempts').get()).toEqual({ n: count })
    expect(Math.max(...pages.slice(2))).toBeLessThanOrEqual((pages[1] ?? 0) * 1.5)
  })

  it('forgets no more than it has too many of, when it is opened with many', async () => {
    await using folder = await temporaryFolder()
    {
      await using store = sqliteStore({ path: folder.file('hooks.db') })
      await deliver(store, named(600))
    }
    await using store = sqliteStore({ path: folder.file('hooks.db'), keep: 400 })
    for (const id of named(10, 'new-')) await deliver(store, [id])
    const [{ count } = { count: 0 }] = await store.counts()
    expect(count).toBeGreaterThanOrEqual(400)
    expect(count).toBeLessThan(400 + 200)
  })

  it('finds the one that matches among many, without one long read', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    await store.record(
      named(12_000).map((id) => newDelivery(id)),
      later,
    )
    await store.record([newDelivery('rare', 'b')], later)
    const page = await store.list({ hook: 'b' }, { limit: 10 })
    expect(page.deliveries.map(({ id }) => id)).toEqual(['rare'])
    expect(page.next).toBeUndefined()
  })

  it('looks at no more of a group than it gives, and writes nothing more for what is in none', async () => {
    await using folder = await temporaryFolder()
    await using store = sqliteStore({ path: folder.file('hooks.db') })
    await store.record(
      named(2000).map((id) => ({ ...newDelivery(id), group: Number(id) % 10 === 0 ? 'web' : undefined })),
      later,
    )
    using db = new DatabaseSync(folder.file('hooks.db'))
    const { latest } = prepareStatements(db)
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${latest.sourceSQL}`).all('a', 'web', 3)
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH d USING INDEX deliveries_grouping (hook_id=? AND grouping=?)',
      'SEARCH r USING INTEGER PRIMARY KEY (rowid=?)',
    ])
    const indexed = db.prepare(
      'SELECT count(*) AS n FROM deliveries INDEXED BY deliveries_grouping WHERE grouping IS NOT NULL',
    )
    expect(indexed.get()).toEqual({ n: 200 })
    const found = await store.latest('a', 'web', 3)
    expect(found.map(({ id }) => id)).toEqual(['1990', '1980', '1970'])
  })

  it('takes a path or a file URL, and nothing that would not outlive the process', async () => {
    await using folder = await temporaryFolder()
    await sqliteStore({ path: pathToFileURL(folder.file('hooks.db')) }).close()
    for (const path of ['', ':memory:', undefined as never, new URL('http://one.example/x.db')])
      expect(() => sqliteStore({ path })).toThrow(ConfigurationError)
    for (const keep of [-1, 0.5, Number.NaN])
      expect(() => sqliteStore({ path: folder.file('hooks.db'), keep })).toThrow(ConfigurationError)
  })

  it('may be closed unused, twice, and with calls on their way: those are done first', async () => {
    await using folder = await temporaryFolder()
    await sqliteStore({ path: folder.file('hooks.db') }).close()
    const store = sqliteStore({ path: folder.file('hooks.db') })
    const recorded = store.record([newDelivery('1')], later)
    await Promise.all([store.close(), store.close()])
    expect(await recorded).toMatchObject([{ fresh: true }])
    await expect(store.counts()).rejects.toBeInstanceOf(StoreError)
    await expect(store.counts()).rejects.toMatchObject({ code: 'store_closed' })
  })
})

describe('a process with a SQLite store', () => {
  const entry = JSON.stringify(fileURLToPath(new URL('../../src/stores/sqlite/index.ts', import.meta.url)))

  /** Runs a module that has `store`, and gives what it prints. */
  async function run(path: string, code: string): Promise<string> {
    const source = `import { sqliteStore } from ${entry}; const store = sqliteStore({ path: ${JSON.stringify(path)} }); ${code}`
    const args = ['--input-type=module', '-e', source]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return stdout
  }
  const delivery = (id: string): string => JSON.stringify(newDelivery(id))

  it('ends by itself, unclosed, and not before what it waits for is on the disk', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('hooks.db')
    expect(await run(path, `await store.record([${delivery('1')}], 5); console.log('recorded')`)).toBe(
      'recorded\n',
    )
    await using store = sqliteStore({ path })
    expect(await store.get(['1'])).toMatchObject([{ id: '1' }])
  })

  it('may make the file at the same time as others', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('hooks.db')
    await Promise.all(
      named(4).map((id) => run(path, `await store.record([${delivery(id)}], 5); await store.close()`)),
    )
    await using store = sqliteStore({ path })
    expect(await store.counts()).toEqual([{ hookId: 'a', state: 'waiting', count: 4 }])
  })

  it('that died before it was listed leaves no lock file behind', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('hooks.db')
    writeFileSync(`${path}-owner-of-one-that-died`, '')
    await using store = sqliteStore({ path })
    await store.counts()
    const locks = readdirSync(folder.path).filter((name) => name.includes('-owner-'))
    expect(locks).toHaveLength(1)
    expect(locks).not.toContain('hooks.db-owner-of-one-that-died')
  })

  it('that died remembers what it marked, and what had been accepted', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('hooks.db')
    await using store = sqliteStore({ path })
    const accepted = { kind: 'accepted', reason: 'status-202', at: 5 }
    const attempt = { ...attemptOf('2'), outcome: accepted, remote: { id: 'dpl_1' } }
    const code = `
      const [one, two] = await store.record([${delivery('1')}, ${delivery('2')}], ${later})
      await store.settle(two, ${JSON.stringify(attempt)})
      const isHeld = await store.mark(one, { step: 0, at: 4, attempt: 0, sending: true })
      if (isHeld) process.kill(process.pid, 'SIGKILL')`
    await expect(run(path, code)).rejects.toMatchObject({ signal: 'SIGKILL' })
    await vi.waitFor(async () => {
      const claims = await store.claim({ hooks: new Map([['a', 2]]), now: Date.now(), until: later })
      expect(claims).toMatchObject([
        { delivery: { id: '1', progress: { step: 0, at: 4, attempt: 0, sending: true } } },
        { delivery: { id: '2', progress: { step: 1, at: 3, attempt: 1 }, remote: { id: 'dpl_1' } } },
      ])
    }, 5000)
  })

  it('gives its leases up when it dies, at once', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('hooks.db')
    await using store = sqliteStore({ path })
    await expect(
      run(path, `await store.record([${delivery('1')}], ${later}); process.kill(process.pid, 'SIGKILL')`),
    ).rejects.toMatchObject({ signal: 'SIGKILL' })
    await vi.waitFor(async () => {
      const claims = await store.claim({ hooks: new Map([['a', 1]]), now: Date.now(), until: later })
      expect(claims).toMatchObject([{ delivery: { id: '1' } }])
    }, 5000)
  })
})
