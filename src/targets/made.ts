import type { Made, TargetContext } from './shape.ts'

/** The value that an option has for a release. */
export function made<Value>(given: Made<Value>, context: TargetContext): Value {
  return typeof given === 'function' ? (given as (context: TargetContext) => Value)(context) : given
}
