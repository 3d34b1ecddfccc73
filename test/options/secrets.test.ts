import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import * as main from '../../src/index.ts'
import * as postgres from '../../src/stores/postgres/index.ts'
import * as sqlite from '../../src/stores/sqlite/index.ts'
import * as targets from '../../src/targets/index.ts'
import * as testing from '../../src/testing/index.ts'
import * as verify from '../../src/verify/index.ts'
import * as triggers from '../../src/triggers/index.ts'
import { functions } from './every-function.ts'
import { placesIn, withAt } from './places.ts'
import { part, secret, wrong } from './wrong-values.ts'

/** All that may be printed of an error. */
function saidBy(error: unknown): string {
  const { message, stack } = error as Error
  const printed = inspect(error, { depth: 9, showHidden: true, getters: true, maxStringLength: 100_000 })
  return [String(error), message, stack, printed, JSON.stringify(error)].join('\n')
}

// Frames say where, and no value; to map them to the sources took most of the time of these tests.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

const told = vi.fn<(...said: unknown[]) => void>()

beforeEach(() => {
  told.mockClear()
  for (const name of ['error', 'warn', 'log'] as const) vi.spyOn(console, name).mockImplementation(told)
  vi.spyOn(process, 'emitWarning').mockImplementation(told)
  return () => vi.restoreAllMocks()
})

describe('a secret that was given as another option', () => {
  it.each(Object.entries(functions))('is not quoted by %s', async (_name, [call, ...given]) => {
    const quoted: string[] = []
    for (const place of placesIn(given)) {
      if (place.length === 0) continue
      for (const [what, value] of wrong) {
        try {
          const made = await call(...(withAt(given, place, value) as never[]))
          const { close } = (made ?? {}) as { readonly close?: unknown }
          if (typeof close === 'function') await (made as { close(): unknown }).close()
        } catch (error) {
          const said = saidBy(error)
          if (said.includes(part) || said.includes(encodeURIComponent(secret).slice(0, 9)))
            quoted.push(`${place.join('.')} as ${what}: ${said.slice(0, 300)}`)
        }
      }
    }
    expect(quoted).toEqual([])
    expect(JSON.stringify(told.mock.calls)).not.toContain(part)
  })

  it('is looked for in all functions that are public', () => {
    const modules = [main, verify, targets, testing, sqlite, postgres, triggers]
    const names = modules.flatMap((each) => Object.entries<unknown>({ ...each }))
    const isFunction = ([name, value]: readonly [string, unknown]): boolean =>
      typeof value === 'function' && /^[a-z]/u.test(name)
    const missing = names.filter(isFunction).flatMap(([name]) => (name in functions ? [] : name))
    // One takes nothing, and one waits for databases that are not there: its options are those of postgresStore().
    expect(missing).toEqual(['createStandardKeyPair', 'migrate'])
  })
})
