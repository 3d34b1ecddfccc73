import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { versionOne } from './sqlite-version-one.ts'
import { idsIn, inProcess, newDelivery, open, summary } from './sqlite-fixture.ts'
import { temporaryFolder } from './temporary.ts'

/** A file as version 1 left it: two deliveries of one release, of which one is to be tried again, and one that waits. */
function makeVersionOne(path: string): void {
  const db = new DatabaseSync(path)
  db.exec(`PRAGMA journal_mode = WAL; ${versionOne}`)
  db.exec(`
    INSERT INTO releases VALUES (1, 'web', 'v1', 'u', NULL, '${summary}', '{"environment":"production"}');
    INSERT INTO deliveries VALUES
      (1, 'done', 'a', 1, 'delivered', 2, 100, NULL, NULL, NULL, NULL, 300, 'status-200', NULL, NULL, NULL),
      (2, 'retried', 'a', 1, 'waiting', 1, 100, 500, NULL, NULL, NULL, NULL, 'status-503', NULL, 400, NULL),
      (3, 'fresh', 'a', 1, 'waiting', 0, 100, 100, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'done');
    INSERT INTO attempts VALUES
      (1, 1, 200, 201, 1, NULL, NULL, NULL, NULL, 0.5, NULL, 'ECONNRESET', NULL, 'retry', 'reset', NULL, 250),
      (1, 2, 290, 300, 1, 1.5, 2, NULL, 9, 10, 200, NULL, 'ok', 'delivered', 'status-200', NULL, NULL),
      (2, 1, 200, 210, 1, NULL, NULL, NULL, NULL, 10, 503, NULL, '', 'retry', 'status-503', NULL, 400);
    INSERT INTO hooks VALUES ('b', 0, 90, 'gone');
    PRAGMA application_id = 0x64686b31; PRAGMA user_version = 1;
  `)
  db.close()
}

const release = { app: 'web', version: 'v1', user: 'u', summary, environment: 'production' }

const done = {
  id: 'done',
  hookId: 'a',
  release,
  state: 'delivered',
  attempts: 2,
  recordedAt: 100,
  settledAt: 300,
  outcome: { kind: 'delivered', reason: 'status-200' },
}
const retried = {
  id: 'retried',
  hookId: 'a',
  release,
  state: 'waiting',
  attempts: 1,
  recordedAt: 100,
  dueAt: 500,
  outcome: { kind: 'retry', reason: 'status-503', at: 400 },
}
const fresh = {
  id: 'fresh',
  hookId: 'a',
  release,
  state: 'waiting',
  attempts: 0,
  recordedAt: 100,
  dueAt: 100,
  replayOf: 'done',
}

/** What is in the schema, in whatever order and white space. */
function schemaOf(path: string): readonly unknown[] {
  using db = new DatabaseSync(path, { readOnly: true })
  const columns = db.prepare(
    'SELECT m.name AS owner, c.name, c.type, c."notnull" AS required, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c ORDER BY 1, c.cid',
  )
  const indexes = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name`)
  return [columns.all(), indexes.all(), db.prepare('PRAGMA user_version').get()]
}

describe('a file of version 1', () => {
  it('keeps all that is in it when it is opened', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    makeVersionOne(path)
    const store = open(path)
    expect(await store.get(['done', 'retried', 'fresh'])).toStrictEqual([done, retried, fresh])
    expect(await idsIn(store)).toEqual(['done', 'retried', 'fresh'])
    expect(await store.attempts('done')).toStrictEqual([
      {
        deliveryId: 'done',
        number: 1,
        startedAt: 200,
        endedAt: 201,
        connects: 1,
        timings: { totalMs: 0.5 },
        code: 'ECONNRESET',
        outcome: { kind: 'retry', reason: 'reset', at: 250 },
      },
      {
        deliveryId: 'done',
        number: 2,
        startedAt: 290,
        endedAt: 300,
        connects: 1,
        timings: { dnsMs: 1.5, connectMs: 2, firstByteMs: 9, totalMs: 10 },
        status: 200,
        excerpt: 'ok',
        outcome: { kind: 'delivered', reason: 'status-200' },
      },
    ])
    expect(await store.hookStates()).toEqual([{ hookId: 'b', enabled: false, since: 90, reason: 'gone' }])
  })

  it('goes on with what waits in it, and takes what is new', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    makeVersionOne(path)
    const store = open(path)
    const [, claim] = await store.claim({ hooks: new Map([['a', 9]]), now: 500, until: 9000 })
    if (claim === undefined) throw new Error('Expected two claims')
    expect(claim.delivery).toStrictEqual(retried)
    expect(await store.mark(claim, { step: 0, at: 510, attempt: 0, sending: true })).toBe(true)
    const attempt = {
      deliveryId: 'retried',
      number: 2,
      startedAt: 520,
      endedAt: 530,
      connects: 1,
      timings: { totalMs: 10 },
      status: 201,
      outcome: { kind: 'accepted', reason: 'status-201', at: 600 },
      step: 1,
      remote: { id: 'dpl_1', status: 'queued' },
    } as const
    const expected = {
      ...retried,
      attempts: 2,
      dueAt: 600,
      outcome: attempt.outcome,
      remote: attempt.remote,
      progress: { step: 1, at: 530, attempt: 2 },
    }
    expect(await store.settle(claim, attempt)).toStrictEqual(expected)
    await store.record([{ ...newDelivery('new'), group: 'web' }], 9000)
    await store.close()
    const again = open(path)
    expect(await again.get(['retried'])).toStrictEqual([expected])
    expect((await again.attempts('retried'))[1]).toStrictEqual(attempt)
    expect((await again.latest('a', 'web', 9)).map(({ id }) => id)).toEqual(['new'])
  })

  it('becomes what a new file is', async () => {
    await using folder = await temporaryFolder()
    makeVersionOne(folder.file('old.db'))
    for (const name of ['old.db', 'new.db']) await open(folder.file(name)).close()
    expect(schemaOf(folder.file('old.db'))).toEqual(schemaOf(folder.file('new.db')))
  })

  it('may be opened by several processes at once', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    makeVersionOne(path)
    const opening = `const store = sqliteStore({ path: ${JSON.stringify(path)} })
      console.log((await store.get(['done']))[0].state); await store.close()`
    const said = await Promise.all(Array.from({ length: 4 }, () => inProcess(opening)))
    expect(said).toEqual(Array.from({ length: 4 }, () => 'delivered'))
  })
})
