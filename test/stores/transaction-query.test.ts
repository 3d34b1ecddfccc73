import { describe, expect, it } from 'vitest'
import type { Transaction } from '../../src/index.ts'
import { queryIn } from '../../src/stores/postgres/transaction-query.ts'

const sql = `SELECT $1::text, '{"a": 1}'::jsonb ? 'a', $2::text, $1::text`
const values = [`it's "one" \\ ? $2`, 'ü 🚀']
const rows = [{ one: 1 }]

/** What a client was asked, by a transaction made of these methods, and what came. */
async function asked(
  transactionOf: (ask: (...args: unknown[]) => Promise<unknown>) => object,
  answer: unknown = rows,
): Promise<{ readonly args: readonly unknown[]; readonly came: unknown }> {
  let args: readonly unknown[] = []
  const transaction = transactionOf(async (...given) => {
    args = given
    return answer
  })
  return { came: await queryIn(transaction as Transaction)(sql, values), args }
}

describe('a query in a transaction', () => {
  it('goes as it is to clients that number their placeholders', async () => {
    expect(await asked((query) => ({ query }))).toEqual({ args: [sql, values], came: rows })
    expect(await asked((executeSql) => ({ executeSql }))).toEqual({ args: [sql, values], came: rows })
    expect(await asked((unsafe) => ({ unsafe, savepoint: () => undefined }))).toEqual({
      args: [sql, values],
      came: rows,
    })
    expect(await asked(($queryRawUnsafe) => ({ $queryRawUnsafe }))).toEqual({
      args: [sql, ...values],
      came: rows,
    })
  })

  it('goes to Knex with a question mark for each value, and its own question marks escaped', async () => {
    const { args } = await asked((raw) => Object.assign(() => undefined, { raw, isTransaction: true }))
    expect(args).toEqual([
      String.raw`SELECT ?::text, '{"a": 1}'::jsonb \? 'a', ?::text, ?::text`,
      [values[0], values[1], values[0]],
    ])
  })

  it('goes to Drizzle with its values as SQL that nothing can break out of', async () => {
    const { args } = await asked((execute) => ({ execute, rollback: () => undefined }))
    const texts = String(args[0]).split(
      /pg_catalog\.convert_from\(pg_catalog\.decode\('([A-Za-z0-9+/=]*)', 'base64'\), 'UTF8'\)/u,
    )
    expect(texts.filter((_, index) => index % 2 === 0)).toEqual(sql.split(/\$\d/u))
    const decoded = texts
      .filter((_, index) => index % 2 === 1)
      .map((text) => Buffer.from(text, 'base64').toString())
    expect(decoded).toEqual([values[0], values[1], values[0]])
  })

  it('reads rows alone, or as `rows` of an object, and refuses what gives none', async () => {
    const query = (ask: (...args: unknown[]) => Promise<unknown>): object => ({ query: ask })
    expect((await asked(query, { rows, rowCount: 1 })).came).toEqual(rows)
    await expect(asked(query, 7)).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringContaining('got a value of type number') as string,
    })
  })
})
