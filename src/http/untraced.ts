import { AsyncLocalStorage } from 'node:async_hooks'

/** As much of OpenTelemetry's contexts as it takes; all of it is in version 1.0 of its API. */
interface Context {
  setValue(key: symbol, value: unknown): Context
}

interface ContextManager {
  active(): Context
  with<Result>(context: Context, action: () => Result): Result
}

/** Where every copy of `@opentelemetry/api` 1.x finds what the host has registered: by it they work together. */
const registered: unique symbol = Symbol.for('opentelemetry.js.api.1')

interface Host {
  readonly [registered]?: { readonly context?: ContextManager }
}

/** The key by which `@opentelemetry/core` suppresses tracing: a context key of theirs is the symbol of its name. */
const suppressed = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/**
 * The context of whoever loads this module, rather than of whoever sends: a connection lives longer than the request that opened it,
 * and would keep what the host holds for that one.
 */
const outside = AsyncLocalStorage.snapshot()

/**
 * Runs what sends a request so that OpenTelemetry's instrumentations record no span of it and add no header to it: they put the URL into
 * `url.full`, which is a secret of many receivers. What goes on later over the same connection stays so.
 */
export function untraced<Result>(action: () => Result): Result {
  return outside(() => {
    const manager = (globalThis as Host)[registered]?.context
    return manager === undefined
      ? action()
      : manager.with(manager.active().setValue(suppressed, true), action)
  })
}
