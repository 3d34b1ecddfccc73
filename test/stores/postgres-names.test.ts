import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { migrationSql } from '../../src/stores/postgres/index.ts'
import { moveStatementsFor } from '../../src/stores/postgres/hook-moves.ts'
import { statementsFor } from '../../src/stores/postgres/statements.ts'
import { hole, literalsIn } from './literals.ts'

const folder = new URL('../../src/stores/postgres/', import.meta.url)

/** Functions, whose bodies run with a search path of their own. */
const ownPath = new Set(['sql-function.ts', 'tell-function.ts'])
/** Words of SQL that look like functions. */
const words = new Set(['coalesce', 'extract', 'greatest', 'least', 'nullif'])
/** Functions of this library that messages name. */
const ours = new Set(['migrate', 'migrationSql', 'postgresStore', 'query'])

/** Functions that a text calls without their schema. Words of SQL are upper-case in this library, and lists have a blank before them. */
function unqualifiedIn(text: string): readonly string[] {
  const sql = text.replaceAll(/--.*$/gmu, '').replaceAll(/"[^"]*"/gu, hole)
  return Array.from(sql.matchAll(/(?<![.\w])([a-z]\w*)\(/gu), ([, name = '']) => name).filter(
    (name) => !words.has(name) && !ours.has(name),
  )
}

describe('a function that a statement calls', () => {
  it('is found by the test below, wherever it stands', () => {
    const source =
      "const a = `SELECT ${b ? `max(${x('y()')})` : 'pg_catalog.min(c), \"d\"(e)'} /* f(g) */` // h(i)\nconst j = /`k(/u"
    expect(literalsIn(source).flatMap(unqualifiedIn)).toEqual(['y', 'max', 'f'])
  })

  it('is named with its schema, in every text of the store', async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !ownPath.has(name))
    expect(names).toContain('statements.ts')
    const found = await Promise.all(
      names.map(async (name) => {
        const literals = literalsIn(await readFile(new URL(name, folder), 'utf8'))
        return literals.flatMap(unqualifiedIn).map((call) => `${name}: ${call}`)
      }),
    )
    expect(found.flat()).toEqual([])
  })

  it('is named with its schema, in every statement as it is sent', () => {
    const all = { ...statementsFor('s'), ...moveStatementsFor('s') }
    const found = Object.entries(all).map(([name, text]) => [name, unqualifiedIn(text)])
    expect(found.filter(([, calls]) => calls?.length !== 0)).toEqual([])
  })
})

it('a migration fixes the search path before it does anything else, and so do the functions it makes', async () => {
  const sql = await migrationSql({ schema: 's' })
  expect(sql.split('\n').slice(1, 3)).toEqual(['BEGIN;', 'SET LOCAL search_path = pg_catalog, pg_temp;'])
  const made = Array.from(sql.matchAll(/FUNCTION "s"[^$]*?LANGUAGE plpgsql(.*?) AS \$/gsu), ([, how]) => how)
  expect(made.length).toBeGreaterThan(1)
  for (const how of made) expect(how).toContain('SET search_path = pg_catalog, pg_temp')
})
