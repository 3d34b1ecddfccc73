import { noPromise } from '../rejection.ts'
import type { Made, TargetContext } from './shape.ts'

/** The value that an option has for a release. */
export function made<Value>(given: Made<Value>, context: TargetContext): Value {
  if (typeof given !== 'function') return given
  return noPromise((given as (context: TargetContext) => Value)(context), 'a function of a target')
}
