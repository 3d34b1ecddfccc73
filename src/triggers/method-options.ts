import { ConfigurationError } from '../errors.ts'
import { aFlag, aText, checkFields, required, wholeNumber, type Fields } from '../option-fields.ts'
import { mismatch } from '../option-problems.ts'
import { namesOf } from '../option-shapes.ts'
import type { FinishedStatus } from './options.ts'

/** What the methods of triggers take. */

const aLimit = wholeNumber(1)
const listed = { tenant: aText, app: aText, environment: aText }
const page = { after: aText, limit: aLimit }
const methods: Readonly<Record<Method, Fields>> = {
  rotate: {
    overlapMs: {
      expected: 'milliseconds, 0 or more',
      is: (value) => Number.isFinite(value) && (value as number) >= 0,
    },
  },
  revoke: { dropWaiting: aFlag },
  calls: { limit: aLimit },
  finished: { url: aText, error: aText },
  prune: {
    olderThan: required({
      expected: 'a Date, or epoch milliseconds',
      is: isTime,
    }),
  },
  fetch: { address: aText },
}

type Method = 'rotate' | 'revoke' | 'calls' | 'finished' | 'prune' | 'fetch'

function isTime(value: unknown): boolean {
  return Number.isFinite(value instanceof Date ? value.getTime() : value)
}

/** @throws {@link ConfigurationError} `option_invalid` for what a method of triggers does not take */
export function checkMethod(name: Method, options: object): void {
  checkFields(options, methods[name], { of: `${name}()` })
}

/** As {@link checkMethod}, of `list(by, page)`. */
export function checkList(by: object, of: object): void {
  checkFields(by, listed, { of: 'list()', elsewhere: { after: ofPage, limit: ofPage } })
  checkFields(of, page, { of: 'the page of list()', elsewhere: ofAll })
}

const ofPage = 'it is of the page, the second argument of list()'
const ofAll = Object.fromEntries(
  Object.keys(listed).map((name) => [name, 'it belongs into the first argument of list()']),
)

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkId(id: unknown): void {
  if (typeof id === 'string') return
  const message = mismatch('an id, as create() and the answers to calls give it', id, 'give one')
  throw new ConfigurationError('option_invalid', 'id', message)
}

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkRequest(request: unknown): void {
  if (typeof request === 'object' && request !== null) return
  const message = mismatch(
    'a request of Node or Fetch, or an object with method, url and headers',
    request,
    'give one',
  )
  throw new ConfigurationError('option_invalid', 'request', message)
}

const ends: readonly FinishedStatus[] = ['succeeded', 'failed', 'canceled', 'skipped']

/** @throws {@link ConfigurationError} `option_invalid` */
export function checkStatus(status: FinishedStatus): void {
  if (ends.includes(status)) return
  throw new ConfigurationError('option_invalid', 'status', mismatch(namesOf(ends), status, 'correct it'))
}
