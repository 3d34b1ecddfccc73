import { describe, expect, it } from 'vitest'
import pg from 'pg'
import { withFixedPath } from '../../src/stores/postgres/search-path.ts'

const fixed = '-c search_path=pg_catalog,pg_temp'

/** What `pg` makes of it. */
function optionsOf(connectionString: string, environment?: string): string | undefined {
  const client = new pg.Client(withFixedPath(connectionString, environment))
  return (client as unknown as { connectionParameters: { options?: string } }).connectionParameters.options
}

describe('a connection of the store’s own', () => {
  it.each([
    'postgres://user@host/database',
    'postgres://host/database?sslmode=disable',
    '/run/postgresql app',
  ])('has the fixed search path: %s', (given) => {
    expect(withFixedPath(given).connectionString).toBe(given)
    expect(optionsOf(given)).toBe(fixed)
  })

  it('keeps what the environment sets otherwise', () => {
    expect(optionsOf('postgres://host/database', '-c work_mem=64MB')).toBe(`-c work_mem=64MB ${fixed}`)
  })

  it.each([
    ['postgres://host/database?options=-c%20work_mem%3D64MB', '-c work_mem=64MB'],
    ['postgres://host/database?options=-c work_mem=64MB&sslmode=disable', '-c work_mem=64MB'],
    ['postgres://host/database?options=-c+a.b=1&options=-c+search_path=x,y', '-c search_path=x,y'],
  ])('keeps what the connection string sets otherwise, and comes after it: %s', (given, own) => {
    expect(optionsOf(given, '-c jit=off')).toBe(`${own} ${fixed}`)
  })
})
