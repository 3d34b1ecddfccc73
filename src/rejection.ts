/** What a caller's functions may return although nobody asked for it: an async function fits wherever nothing is to be returned. */

/** Hears of a promise that rejects: nobody else would, and Node ends a process for it. */
export function onRejection(returned: unknown, report: (error: unknown) => void): void {
  if (isThenable(returned)) Promise.resolve(returned).catch(report)
}

/**
 * What a function made that is waited for by nobody.
 *
 * @throws {TypeError} for a promise: it is neither the value, nor true, nor false
 */
export function noPromise<Value>(value: Value, where: string): Value {
  if (!isThenable(value)) return value
  onRejection(value, () => undefined) // its function is wrong in any case
  throw new TypeError(
    `Expected ${where} to return a value, got a promise. It is not waited for: do what takes time before.`,
  )
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
