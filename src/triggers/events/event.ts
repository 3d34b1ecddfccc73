import type { Facts } from '../facts.ts'
import type { TriggerRequest } from '../http/request.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What a request tells that no parameters were written for: a push, a publish, or a release of another deploy. */
export type TriggerEvent =
  | {
      readonly kind: 'start'
      readonly facts: Facts
      readonly deploymentId?: string | undefined
    }
  /** Nobody pushed or published: the sender asks whether somebody is there. */
  | { readonly kind: 'ping' }
  /** It is understood, and starts nothing; the reason is for people. */
  | { readonly kind: 'ignored'; readonly reason: string }

/** Reads one kind of sender. `undefined`: it is of another one. */
export type EventReader = (request: TriggerRequest, body: Fields) => TriggerEvent | undefined

/** A value deep in JSON of strangers. */
function at(value: unknown, ...path: readonly string[]): unknown {
  let found: unknown = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Fields)[name]
  }
  return found
}

const longestText = 255

/** A text that can be kept and shown; anything else is as if it were not there. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const text = at(value, ...path)
  const isText = typeof text === 'string' && text !== '' && text.length <= longestText && text.isWellFormed()
  return isText && !text.includes('\0') ? text : undefined
}

/** Those that are there. */
export function defined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value
}
