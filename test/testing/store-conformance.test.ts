import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import type { Progress } from '../../src/delivery.ts'
import { storeConformance, type StoreHarness } from '../../src/testing/index.ts'
import { altered, instance, sharedMemory, showing, watched } from './altered-store.ts'
import { brokenAttempts } from './broken-attempts.ts'
import { brokenClaims } from './broken-claims.ts'
import { brokenGroups } from './broken-groups.ts'
import { brokenLeases } from './broken-leases.ts'
import { brokenLists } from './broken-lists.ts'
import { brokenMoves } from './broken-moves.ts'
import { brokenNames } from './broken-names.ts'
import { brokenProgress } from './broken-progress.ts'
import { brokenReads } from './broken-reads.ts'
import { brokenRecords } from './broken-records.ts'
import { brokenTellings } from './broken-tellings.ts'
import { brokenTimes } from './broken-times.ts'

const brokenStores = [
  ...brokenRecords,
  ...brokenTellings,
  ...brokenClaims,
  ...brokenLeases,
  ...brokenAttempts,
  ...brokenProgress,
  ...brokenTimes,
  ...brokenReads,
  ...brokenLists,
  ...brokenGroups,
  ...brokenMoves,
  ...brokenNames,
]

/** Names of the tests that fail, among all or those of these names. */
async function failing(harness: StoreHarness, among?: readonly string[]): Promise<readonly string[]> {
  const names: string[] = []
  for (const { name, run } of storeConformance(harness)) {
    if (among?.includes(name) ?? true) await run().catch(() => names.push(name))
  }
  return names
}

/** Expects the tests of these names to fail. Others may: a fault is seen in more than one way. */
async function expectFailing(harness: StoreHarness, names: readonly string[]): Promise<void> {
  expect(await failing(harness, names)).toEqual(expect.arrayContaining([...names]))
}

describe('the suite for stores', () => {
  it('has no two tests of the same name', () => {
    const names = storeConformance(sharedMemory()).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('passes a store that keeps its promises, whether or not it is shared', async () => {
    expect(await failing({ create: () => memoryStore() })).toEqual([])
    expect(await failing(sharedMemory())).toEqual([])
  })

  it('makes a store for each test, and closes all that it opened', async () => {
    const open = new Set<Store>()
    const opening = (store: Store): Store => {
      const opened: Store = altered(store, { close: async () => void open.delete(opened) })
      open.add(opened)
      return opened
    }
    let made = 0
    const tests = storeConformance({
      create: async () => {
        made += 1
        return opening(memoryStore())
      },
      reopen: async (store) => opening(store),
    })
    for (const { run } of tests) {
      await run().catch(() => undefined)
      expect(open.size).toBe(0)
    }
    expect(made).toBe(tests.length)
  })

  it('tells with a random walk its seed, its last steps and what differed', async () => {
    const harness = { create: () => altered(memoryStore(), { counts: async () => [] }) }
    const walk = storeConformance(harness).find(({ name }) => name.includes('(seed 2)'))
    await expect(walk?.run()).rejects.toThrow(/^Seed 2, step \d+, after .*\w: AssertionError.*: counts/su)
  })

  it('runs with node:test, as its example shows', async () => {
    const source = await readFile(new URL('../../src/testing/store-conformance.ts', import.meta.url), 'utf8')
    const [, comment = ''] = /@example\n(.*?) \*\//su.exec(source) ?? []
    const code = comment
      .replaceAll(/^ \* ?/gmu, '')
      .replace(`'deploy-hooks/testing'`, `'${import.meta.resolve('../../src/testing/index.ts')}'`)
      .replace(`'deploy-hooks'`, `'${import.meta.resolve('../../src/index.ts')}'`)
    const folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-testing-'))
    try {
      await writeFile(join(folder, 'example.mts'), code)
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'example.mts')])
      const { length } = storeConformance({ create: () => memoryStore() })
      expect(stdout).toMatch(new RegExp(`pass ${length}\n.*fail 0\n`, 'u'))
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('rejects with what the store rejects with', async () => {
    const fault = new Error('The disk is full')
    const harness = { create: () => altered(memoryStore(), { counts: () => Promise.reject(fault) }) }
    const counting = storeConformance(harness).find(({ name }) => name.startsWith('counts nothing'))
    await expect(counting?.run()).rejects.toBe(fault)
  })
})

describe('the suite fails a store that', () => {
  it.each(brokenStores)('$fault', async ({ changes, fails }) => {
    const create = (): Store => {
      const store = memoryStore()
      return altered(store, changes(store))
    }
    await expectFailing({ create }, fails)
  })
})

describe('the suite fails a shared store that', () => {
  it('opens anew with nothing in it', async () => {
    const harness = { ...sharedMemory(), reopen: () => memoryStore() }
    await expectFailing(harness, [
      'shows another instance all that was recorded',
      'keeps all that was recorded after it was closed',
      'respects the leases of another instance',
    ])
  })

  it('hands nothing back when it is closed', async () => {
    const harness = sharedMemory((memory) => altered(memory, { close: async () => {} }))
    await expectFailing(harness, ['hands back what it claimed when it is closed'])
  })

  it('hands back what others claimed when it is closed', async () => {
    const harness = sharedMemory((memory) => memory)
    await expectFailing(harness, ['leaves what others claimed when it is closed, also for the second time'])
  })

  it('hands back what it lost when it is closed', async () => {
    const claimsOf = new Map<Store, ReturnType<typeof watched>>()
    const harness = sharedMemory((memory) => {
      const seen = claimsOf.get(memory) ?? watched(memory)
      claimsOf.set(memory, seen)
      const own = watched(seen.store)
      return altered(own.store, { close: () => memory.release(own.claims.splice(0).map(seen.latest)) })
    })
    await expectFailing(harness, ['leaves what it lost to another when it is closed'])
  })

  it('marks for itself alone', async () => {
    const harness = sharedMemory((memory) => {
      const own = instance(memory)
      const marks = new Map<string, Progress>()
      return altered(own, {
        ...showing(own, (delivery) => {
          const progress = marks.get(delivery.id)
          return progress === undefined ? delivery : { ...delivery, progress }
        }),
        mark: async ({ delivery }, progress) => Boolean(marks.set(delivery.id, progress)),
      })
    })
    await expectFailing(harness, [
      'keeps a mark that was made just before it was closed',
      'takes nothing from a claim that was lost to another instance',
    ])
  })

  it('does not see the leases of other instances', async () => {
    const harness = sharedMemory((memory) => {
      const own = instance(memory)
      return altered(own, {
        record: (deliveries, until) =>
          own.record(
            deliveries.map((each) => ({ dueAt: each.recordedAt, ...each })),
            until,
          ),
      })
    })
    await expectFailing(harness, ['respects the leases of another instance'])
  })
})
