import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreError } from '../../src/index.ts'
import { Batch } from '../../src/stores/postgres/batch.ts'
import type { Database } from '../../src/stores/postgres/database.ts'
import { Patience } from '../../src/stores/postgres/patience.ts'
import { statementsFor } from '../../src/stores/postgres/statements.ts'
import { tellAll } from '../../src/stores/postgres/teller.ts'
import { tellingRow, type TellingRow } from '../../src/stores/postgres/tellings.ts'
import { tellWithin } from '../../src/stores/postgres/tell-within.ts'
import { OwnTransaction } from '../../src/stores/postgres/transaction-query.ts'
import type { Row } from '../../src/stores/rows.ts'
import { newTelling } from '../../src/testing/store/tellings.ts'

const sql = statementsFor('deploy_hooks')
const locked = new StoreError('store_busy', 'locked', { cause: { code: '55P03' } })
const unsure = { n: 0, news: 'told', ordinal: 'n1', hooks: '[]', unsure: true }

/** A server where another transaction holds the scope for ever: the clock goes on by what it is told to wait. */
function heldServer(): { readonly waits: number[]; readonly run: Database['query'] } {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const waits: number[] = []
  return {
    waits,
    async run(text, values = []): Promise<readonly Row[]> {
      if (!text.includes('.tell(')) return [{ xid: '1', standing: '[]' }]
      const wait = Number(values[3])
      waits.push(wait)
      vi.advanceTimersByTime(wait)
      if (JSON.parse(String(values[2])).length > 1) throw locked
      return [unsure]
    },
  }
}

const newRow = (): TellingRow => tellingRow(newTelling({}, { hooks: [] }), { token: 1, hasFormer: false })

describe('another transaction that holds a scope for ever', () => {
  it('is waited for by what is told at once for 2 s in all, however much it is', async () => {
    const { waits, run } = heldServer()
    const database = { query: run, repeat: (work) => work(false) } as Pick<
      Database,
      'query' | 'repeat' | 'transaction'
    >
    const batch = new Batch((rows: readonly TellingRow[]) => tellAll(database, sql, rows))
    const told = await Promise.all(Array.from({ length: 4 }, () => batch.add([newRow()])))
    expect(told.flat()).toMatchObject(Array.from({ length: 4 }, () => ({ news: 'told', isUnsure: true })))
    expect(waits).toEqual([50, 1950, 50, 50, 50])
  })

  it('is not waited for twice by what is told again for a hook that was added since: it gets it in doubt', async () => {
    const repeated = { n: 0, news: 'repeated', ordinal: '', hooks: '[]', unsure: null }
    const run: Database['query'] = async (text) => {
      if (text === sql.widen) throw locked
      return text === sql.tell ? [repeated] : [{ token: 1 }]
    }
    const database = {
      query: run,
      repeat: (work: never) => (work as () => unknown)(),
      transaction: (work: never) => (work as (own: typeof run) => unknown)(run),
    }
    const row = tellingRow(newTelling(), { token: 1, hasFormer: false })
    expect(await tellAll(database as never, sql, [row])).toMatchObject([
      {
        news: 'repeated',
        isUnsure: true,
        recorded: [{ fresh: true, delivery: { hookId: 'a', again: true } }],
      },
    ])
  })

  it('is waited for by all that is taken together of what SQL left for 2 s, too', async () => {
    const { waits, run } = heldServer()
    const transaction = new OwnTransaction(run, new Patience())
    for (let count = 0; count < 3; count += 1) await tellWithin(transaction, newRow(), sql, { query: run })
    expect(waits).toEqual([2000, 50, 50])
  })
})
