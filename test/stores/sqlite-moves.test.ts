import { expect, it } from 'vitest'
import type { Store } from '../../src/index.ts'
import { inProcess, newDelivery, open } from './sqlite-fixture.ts'
import { temporaryFolder } from './temporary.ts'

const toX = new Map([['a', 'x']])
const count = 600

async function countsOf(store: Store): Promise<Readonly<Record<string, number>>> {
  const counts = await store.counts()
  return Object.fromEntries(counts.map(({ hookId, state, count: each }) => [`${hookId} ${state}`, each]))
}

async function moveAll(store: Store): Promise<number> {
  let [moved, cursor]: [number, string | undefined] = [0, undefined]
  do {
    const step: Awaited<ReturnType<Store['moveHooks']>> = await store.moveHooks(toX, {
      limit: 50,
      now: 0,
      cursor,
    })
    moved += step.moved
    cursor = step.next
  } while (cursor !== undefined)
  return moved
}

/** Moves in a process of its own, which is killed in the midst of a step, after so many. */
async function killedAfter(steps: number, path: string): Promise<void> {
  await inProcess(`
    const store = sqliteStore({ path: ${JSON.stringify(path)} })
    const move = (cursor) => store.moveHooks(new Map([['a', 'x']]), { limit: 7, now: 0, cursor })
    let cursor
    for (let step = 0; step < ${steps}; step += 1) cursor = (await move(cursor)).next
    void move(cursor)
    setImmediate(() => setImmediate(() => process.kill(process.pid, 'SIGKILL')))
  `).catch(() => undefined)
}

it('a process that is killed while it moves hooks leaves every delivery there once, for the next one to move', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('store.db')
  const store = open(path)
  const [final, waiting] = [count / 2, count / 2]
  const dead = { kind: 'dead', reason: 'status-410', verdict: 'gone' } as const
  const of = (from: number): ReturnType<typeof newDelivery>[] =>
    Array.from({ length: count / 2 }, (_, index) => newDelivery(`dlv_${from + index}`))
  for (const { delivery, token = 0 } of await store.record(of(0), 9e12))
    await store.end({ delivery, token }, dead, 1)
  await store.record(
    of(final).map((each) => ({ ...each, dueAt: 1 })),
    9e12,
  )
  await store.setHookStates([{ hookId: 'a', enabled: false, since: 1, reason: 'gone' }])
  for (const steps of [1, 20, 40]) await killedAfter(steps, path)
  const { 'a dead': left = 0, 'x dead': there = 0, ...others } = await countsOf(store)
  expect(left + there).toBe(final)
  expect(left).toBeGreaterThan(0)
  expect(others).toEqual({ 'x waiting': waiting })
  expect((await store.hookStates()).map(({ hookId }) => hookId)).toEqual(['x'])
  expect(await moveAll(store)).toBe(left)
  expect(await countsOf(store)).toEqual({ 'x dead': final, 'x waiting': waiting })
})
