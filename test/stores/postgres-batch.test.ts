import { describe, expect, it } from 'vitest'
import { StoreError } from '../../src/index.ts'
import { Batch } from '../../src/stores/postgres/batch.ts'

const ofData = new StoreError('store_failed', 'of data', { cause: { code: '22P02' } })
const ofTheServer = new StoreError('store_unavailable', 'of the server', { cause: { code: 'ECONNREFUSED' } })

describe('calls that are sent together', () => {
  it('fail each by itself for what is wrong with it', async () => {
    const batch = new Batch(async (items: readonly string[]) => {
      if (items.includes('bad')) throw ofData
      return items
    })
    const results = await Promise.allSettled(['1', 'bad', '2'].map((item) => batch.add([item])))
    expect(results).toMatchObject([{ value: ['1'] }, { reason: ofData }, { value: ['2'] }])
  })

  it('are not tried one after another on a server that has gone away', async () => {
    let sent = 0
    const batch = new Batch(async (items: readonly string[]): Promise<readonly string[]> => {
      sent += 1
      if (items.length > 1) throw ofData
      if (items.includes('1')) return items
      throw ofTheServer
    })
    const results = await Promise.allSettled(['1', '2', '3', '4'].map((item) => batch.add([item])))
    const [first, ...others] = results
    expect(first).toMatchObject({ value: ['1'] })
    for (const other of others) expect(other).toMatchObject({ reason: ofTheServer })
    expect(sent).toBe(3)
  })
})
