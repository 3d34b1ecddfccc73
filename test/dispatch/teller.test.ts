import { describe, expect, it } from 'vitest'
import { Grouping } from '../../src/dispatch/grouping.ts'
import { Teller } from '../../src/dispatch/teller.ts'
import { Hooks } from '../../src/hooks/registry.ts'
import { memoryStore, type HookOptions, type Recorded, type Store } from '../../src/index.ts'
import type { Telling } from '../../src/stores/ledger/telling.ts'
import type { ToldResult } from '../../src/stores/store.ts'
import { newLog } from './log.ts'
import { release } from './started.ts'
import { claimOf, hooksOf } from './worker/fakes.ts'

const url = 'http://a.example/'
const stored = { ...release, version: 'v4', summary: 'gabrtv deployed 35b3726' }
const fresh: Recorded = { delivery: { ...claimOf('1').delivery, release: stored }, fresh: true, token: 1 }
const told: ToldResult = { news: 'told', recorded: [fresh] }

/** A teller over a recorder that records what it is told to. */
class Bench {
  readonly tellings: Telling[] = []
  readonly superseding: (readonly Recorded[])[] = []
  readonly log = newLog()
  came: ToldResult = told
  readonly teller: Teller

  constructor(options: readonly HookOptions[] = [{ id: 'a', url }], store: Pick<Store, 'tellWithin'> = {}) {
    const hooks = new Hooks(hooksOf(options))
    this.teller = new Teller({
      hooks,
      store,
      recorder: {
        tell: async (telling) => {
          this.tellings.push(telling)
          return this.came
        },
      },
      grouping: new Grouping(hooks.byId, memoryStore()),
      superseding: { start: (recorded) => void this.superseding.push(recorded) },
      logger: this.log,
      closesAfterMs: 7,
      now: () => 1000,
    })
  }
}

describe('a release', () => {
  it('is completed, and told to the hooks that want it', async () => {
    const bench = new Bench([
      { id: 'a', url },
      { id: 'b', url: 'http://b.example/', apps: ['api'] },
    ])
    expect(await bench.teller.tell(release, {})).toEqual({ ...told, release: stored })
    await bench.teller.tell(release, { idempotencyKey: 'k', recordedAt: 5 })
    expect(bench.tellings).toMatchObject([
      { release: stored, hooks: [{ hookId: 'a' }], recordedAt: 1000, closesAfterMs: 7 },
      { idempotencyKey: 'k', recordedAt: 5 },
    ])
    expect(bench.tellings[0]?.nonce).not.toBe(bench.tellings[1]?.nonce)
    expect(bench.log.lines).toEqual([])
  })

  it('that is incomplete, or aborted by then, is not recorded', async () => {
    const { teller, tellings } = new Bench()
    await expect(teller.tell({ ...release, app: '' }, {})).rejects.toMatchObject({ code: 'release_invalid' })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(teller.tell(release, { signal })).rejects.toThrow('enough')
    expect(tellings).toEqual([])
  })

  it('supersedes older ones if it is news, and a hook wants the latest alone', async () => {
    const plain = new Bench()
    await plain.teller.tell(release, {})
    expect(plain.superseding).toEqual([])
    const bench = new Bench([{ id: 'a', url, supersede: true }])
    await bench.teller.tell(release, {})
    bench.came = { ...told, news: 'late' }
    await bench.teller.tell(release, {})
    expect(bench.superseding).toEqual([[fresh]])
  })

  it('is told in a transaction of the caller, by a store that can, and supersedes nothing before the commit', async () => {
    const isOver = async (): Promise<boolean> => true
    const tellWithin = async (): Promise<ToldResult & { isOver: () => Promise<boolean> }> => ({
      ...told,
      isOver,
    })
    const bench = new Bench([{ id: 'a', url, supersede: true }], { tellWithin })
    const transaction = { query: async () => ({ rows: [] }) }
    expect(await bench.teller.tell(release, { transaction })).toMatchObject({ news: 'told', isOver })
    expect([bench.tellings, bench.superseding]).toEqual([[], []])
    await expect(new Bench().teller.tell(release, { transaction })).rejects.toMatchObject({
      code: 'transaction_unsupported',
    })
  })
})

describe('what may surprise', () => {
  it.each([
    ['there is no hook', []],
    ['no hook wants', [{ id: 'a', url, apps: ['api'] }]],
  ] as const)('is said once: %s', async (said, hooks) => {
    const bench = new Bench(hooks)
    bench.came = { news: 'told', recorded: [] }
    await bench.teller.tell(release, {})
    await bench.teller.tell(release, {})
    expect(bench.log.lines).toEqual([expect.stringContaining(said)])
  })

  it('is that a repeat is not sent, where its delivery is dead, or had other facts', async () => {
    const bench = new Bench()
    const again = { ...fresh, fresh: false }
    bench.came = { news: 'repeated', recorded: [again] }
    await bench.teller.tell(release, {})
    expect(bench.log.lines).toEqual([])
    bench.came = {
      news: 'repeated',
      recorded: [{ ...again, delivery: { ...again.delivery, state: 'dead' } }],
    }
    await bench.teller.tell(release, {})
    bench.came = { news: 'repeated', recorded: [again] }
    await bench.teller.tell({ ...release, user: 'another' }, {})
    expect(bench.log.lines).toEqual([
      expect.stringMatching(/whose delivery is dead.*"deliveryId":"1","hookId":"a"/),
      expect.stringMatching(/with other facts.*"deliveryId":"1"/),
    ])
  })

  it('is that it could not be known whether another transaction tells it too', async () => {
    const bench = new Bench()
    bench.came = { ...told, isUnsure: true }
    await bench.teller.tell(release, {})
    expect(bench.log.lines).toEqual([expect.stringContaining('without knowing whether that tells it too')])
  })
})
