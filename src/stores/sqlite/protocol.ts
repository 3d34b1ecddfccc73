import type { Engine } from './engine.ts'
import type { Fault } from './faults.ts'

/** What the two threads say to each other. Structured clones: plain data, and no error objects. */

/** Those that change something: the ones of a batch are one transaction. */
type Write =
  | 'record'
  | 'tell'
  | 'due'
  | 'claim'
  | 'renew'
  | 'release'
  | 'mark'
  | 'settle'
  | 'reschedule'
  | 'prune'
  | 'setHookStates'
  | 'nameHooks'
  | 'moveHooks'
  | 'changeTriggers'
type Read = 'get' | 'list' | 'latest' | 'attempts' | 'counts' | 'hookStates' | 'hookNames' | 'readTriggers'

/** What can be asked of the thread: the engine's methods, its pages, and to close. */
export type Operations = Pick<Engine, Write | Exclude<Read, 'list'> | 'close'> & Pick<Engine['pages'], 'list'>
export type Name = keyof Operations

export type Call = {
  readonly [Each in Name]: readonly [name: Each, ...args: Parameters<Operations[Each]>]
}[Name]
export type Reply = { readonly value: unknown } | { readonly fault: Fault }

/** Calls in the order in which they were made, answered by as many replies. */
export type Batch = readonly Call[]
export type Replies = readonly Reply[]

export interface ThreadOptions {
  readonly path: string
  readonly keep: number
}

const writes: ReadonlySet<Name> = new Set<Write>([
  'record',
  'tell',
  'due',
  'claim',
  'renew',
  'release',
  'mark',
  'settle',
  'reschedule',
  'prune',
  'setHookStates',
  'nameHooks',
  'moveHooks',
  'changeTriggers',
])

export function isWrite([name]: Call): boolean {
  return writes.has(name)
}
