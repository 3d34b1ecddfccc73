import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError, ReleaseError, ReplayError, StoreError } from '../../src/index.ts'
import { textOfError } from '../../src/shown-text.ts'
import { functions, type Call } from './every-function.ts'
import { placesIn, withAt, withoutAt, type Path } from './places.ts'
import { part, secret } from './wrong-values.ts'

/** What is in these is no option: it has names of the caller's own, or methods. */
const ofCallers = new Set(
  'details headers query env variables parameters payload secrets form credentials statuses meanings meta transport store logger'.split(
    ' ',
  ),
)
/** Positions of arguments that are no options. */
const data: Readonly<Record<string, readonly number[]>> = { hooksFromEnv: [0], releaseUrl: [1] }

interface Problem {
  readonly option: string
  readonly message: string
}

interface Case {
  readonly name: string
  readonly call: Call
  readonly given: readonly unknown[]
  readonly place: Path
}

/** What may be anything, and a question that every value answers. */
const anything = new Set(['defineTarget poll.body.json', 'isTriggerToken '])
/** Names that say which of several shapes is meant: without them there is none to name the right one by. */
const ofKinds = new Set(['defineTarget requests[0].body.text', 'startFaultProxy fault.fault'])

const cases: readonly Case[] = Object.entries(functions).flatMap(([name, [call, ...given]]) =>
  placesIn(given)
    .filter((place) => place.length > 0 && data[name]?.includes(Number(place[0])) !== true)
    .filter((place) => !place.slice(0, -1).some((key) => isOfCallers(name, key)))
    .filter((place) => !anything.has(`${name} ${written(place)}`))
    .map((place) => ({ name, call, given, place })),
)
const options = cases.filter(({ place }) => typeof place.at(-1) === 'string')

/** Of createTriggers() too, but not of its triggers. */
function isOfCallers(name: string, key: string | number): boolean {
  return typeof key === 'string' && (ofCallers.has(key) || (name === 'createTriggers' && key === 'params'))
}

async function errorOf(call: Call, given: unknown): Promise<unknown> {
  try {
    const made = await call(...(given as never[]))
    const { close } = (made ?? {}) as { readonly close?: unknown }
    if (typeof close === 'function') await (made as { close(): unknown }).close()
    return undefined
  } catch (error) {
    return error
  }
}

/** What an error says, thought by thought; anything but an error of ours is told as it is. */
function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof ConfigurationError) return error.problems
  if (error instanceof ReleaseError)
    return [{ option: error.field, message: error.message.replace(/^release[^:]*: /u, '') }]
  if (error instanceof ReplayError) return [{ option: '', message: error.message }]
  if (error instanceof StoreError) return [] // a file of a right name in a folder that is not there
  return error === undefined ? [] : [{ option: 'none', message: textOfError(error) }]
}

function written(place: Path): string {
  return place
    .slice(1)
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./u, '')
}

const inFull = /^Expected .+, got .+: .+[.?]$/su

beforeEach(() => {
  for (const name of ['error', 'warn', 'log'] as const)
    vi.spyOn(console, name).mockImplementation(() => undefined)
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  return () => vi.restoreAllMocks()
})

describe('every option of every public function', () => {
  it('is right as it is tried below', async () => {
    for (const [name, [call, ...given]] of Object.entries(functions)) {
      const said = problemsOf(await errorOf(call, given)).map(({ message }) => `${name}: ${message}`)
      expect(said.filter((each) => !each.includes('a configured hook'))).toEqual([])
    }
    expect(options.length).toBeGreaterThan(400)
  })

  it('of a wrong type is named, with what was expected, what came, and what to do', async () => {
    const said: string[] = []
    const wrong: string[] = []
    for (const { name, call, given, place } of cases) {
      const error = await errorOf(call, withAt(given, place, Symbol(secret)))
      const found = problemsOf(error)
      const at = written(place)
      const isTold = found.some(({ option, message }) => option.endsWith(at) && inFull.test(message))
      const all = found.map(({ option, message }) => `${option}: ${message}`)
      if (!isTold || all.join('').includes(part)) wrong.push(`${name} ${at}: ${all.join(' | ')}`)
      said.push(...all.map((each) => `${name}()  ${each}`))
    }
    expect(wrong).toEqual([])
    await expect(`${[...new Set(said)].join('\n')}\n`).toMatchFileSnapshot('misconfigurations.txt')
  })

  it('that is misspelt is named, with the one that was meant', async () => {
    const wrong: string[] = []
    for (const { name, call, given, place } of options) {
      const key = String(place.at(-1))
      const misspelt = key.length > 3 ? `${key.slice(0, -2)}${key.at(-1)}${key.at(-2)}` : `${key}x`
      const error = await errorOf(call, withoutAt(given, place, misspelt === key ? `${key}x` : misspelt))
      const found = problemsOf(error)
      const isTold = found.some(
        ({ message }) => inFull.test(message) && message.endsWith(`did you mean \`${key}\`?`),
      )
      const isOfKind = ofKinds.has(`${name} ${written(place)}`) || name === 'a standard signer'
      if (!isTold && !(isOfKind && found.length > 0))
        wrong.push(`${name} ${written(place)}: ${JSON.stringify(found)}`)
    }
    expect(wrong).toEqual([])
  })

  it('that is needed and missing is named', async () => {
    const wrong: string[] = []
    const missed: string[] = []
    for (const { name, call, given, place } of options) {
      const error = await errorOf(call, withoutAt(given, place))
      const found = problemsOf(error)
      if (found.length === 0) continue
      missed.push(`${name} ${written(place)}`)
      if (!found.every(({ message }) => inFull.test(message))) wrong.push(`${name} ${JSON.stringify(found)}`)
    }
    expect(wrong).toEqual([])
    expect(missed.length).toBeGreaterThan(50)
  })

  it('is asked for by name when there is no argument at all', async () => {
    const wrong: string[] = []
    for (const [name, [call]] of Object.entries(functions)) {
      const error = await errorOf(call, [])
      const found = problemsOf(error)
      const isPlain = found.every(({ message }) => inFull.test(message))
      if (!isPlain) wrong.push(`${name}: ${String(error)}`)
    }
    expect(wrong).toEqual([])
  })
})
