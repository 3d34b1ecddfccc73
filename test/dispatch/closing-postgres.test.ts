import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Dispatcher, HookOptions, Store } from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { startHttp } from '../loopback.ts'
import { query } from '../stores/postgres-fixture.ts'
import { startPostgres, type PostgresServer } from '../stores/postgres-server.ts'
import { answer, fakeTransport, never, type FakeTransport } from './fake-transport.ts'
import { release, start } from './started.ts'

const schema = 'closing'
const hooks: readonly HookOptions[] = ['answers', 'hangs'].map((id) => ({ id, url: `http://${id}.example/` }))
const patience = { interval: 50 }
const script = fileURLToPath(new URL('closing-process.ts', import.meta.url))

/** Lets every process of the server stand still, so that it answers nothing and ends no connection. @returns what lets it go on */
async function freeze({ connectionString, pid }: PostgresServer): Promise<() => void> {
  const { rows } = await query(
    'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
    connectionString,
  )
  const pids = [pid, ...rows.map((row: { readonly pid: number }) => row.pid)]
  for (const each of pids) process.kill(each, 'SIGSTOP')
  return () => {
    for (const each of pids) process.kill(each, 'SIGCONT')
  }
}

type Away = (server: PostgresServer) => Promise<() => unknown>

/** Ways of being away, and how each ends. */
const ways: Readonly<Record<string, Away>> = {
  'is shut down': async (server) => server.stop().then(() => () => server.start()),
  'stands still': freeze,
}

function open({ connectionString }: PostgresServer): Store {
  const store = postgresStore({ connectionString, schema })
  onTestFinished(() => store.close())
  return store
}

/** A worker that has sent one delivery, and has another one in flight. */
async function underWay(store: Store): Promise<{ dispatcher: Dispatcher; transport: FakeTransport }> {
  const transport = fakeTransport(({ url }) => (url.includes('//answers') ? answer(200) : never))
  const dispatcher = start(transport, { hooks, store })
  const delivered = new Promise<void>((resolve) => dispatcher.on('delivered', () => resolve()))
  await dispatcher.dispatch(release)
  await delivered
  await vi.waitFor(() => expect(transport.pending).toBe(1), patience)
  return { dispatcher, transport }
}

describe.each(Object.entries(ways))('closing beside a PostgreSQL server that %s', (_, away) => {
  // What is asked of a server that is shut down is repeated for 3.5 s; one that stands still is waited for for 12 s.
  it('is over before the server is given up, and nothing is lost, or sent twice that was settled', async () => {
    await using server = await startPostgres()
    const store = open(server)
    const { dispatcher, transport } = await underWay(store)
    const other = open(server)
    await other.counts()
    const comeBack = await away(server)
    const over: string[] = []
    const askedAgain = Promise.allSettled([other.counts()]).then(() => over.push('given up'))
    await dispatcher.close({ deadlineMs: 100 })
    over.push('dispatcher closed')
    await store.close()
    over.push('store closed')
    await askedAgain
    await comeBack()
    expect(over).toEqual(['dispatcher closed', 'store closed', 'given up'])
    expect(transport.requests).toHaveLength(2)
    const next = fakeTransport(() => answer(200))
    const another = start(next, { hooks, store: open(server) })
    await vi.waitFor(() => expect(next.requests).toHaveLength(1), patience)
    expect(next.requests[0]?.url).toContain('//hangs')
    await another.close()
  })

  it('lets the process end by itself, before the server is given up', async () => {
    await using server = await startPostgres()
    const asked: string[] = []
    await using receiver = await startHttp((request, response) => {
      asked.push(request.url ?? '')
      if (request.url?.startsWith('/answers') === true) response.end()
    })
    const other = open(server)
    await other.counts()
    const child = spawn(process.execPath, [script, server.connectionString, receiver.origin], {
      stdio: 'ignore',
    })
    const exited = once(child, 'exit')
    onTestFinished(() => void child.kill('SIGKILL'))
    await vi.waitFor(() => expect(asked).toHaveLength(2), patience)
    const comeBack = await away(server)
    const givenUp = Promise.allSettled([other.counts()]).then(() => 'given up')
    child.kill('SIGTERM')
    const first = await Promise.race([exited, givenUp])
    await comeBack()
    expect(first).toEqual([0, null])
  })
})
