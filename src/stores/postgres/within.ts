/** What the promise gives, unless it takes longer, or the signal is aborted before. */
export async function within<Value>(
  ms: number,
  value: Promise<Value>,
  signal: AbortSignal,
  late: (isAborted: boolean) => Error,
): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(late(false)), ms)
  const abort = (): void => reject(late(true))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([value, promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
