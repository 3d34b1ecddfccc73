import { pause } from './pause.ts'
import type { PostgresClient } from './pool.ts'

export interface Listener {
  /** Resolves when nothing more will be told. May be called again. */
  close(): Promise<void>
}

interface ListenOptions {
  readonly checkOut: () => Promise<PostgresClient>
  readonly channel: string
  readonly onPayload: (payload: string) => void
  readonly onConnected: () => void
  readonly onFailed: (error: unknown) => void
}

/** A connection whose other end is gone without a word is found out by asking. */
const beatMs = 10_000
const answerMs = 5000
const shortestPauseMs = 100
const longestPauseMs = 5000

/** Listens until it is closed, on one connection after another. */
export function listen(options: ListenOptions): Listener {
  const closing = new AbortController()
  const { signal } = closing
  const ended = listenOn(options, signal)
  return {
    async close() {
      closing.abort()
      await ended
    },
  }
}

async function listenOn(
  { checkOut, onConnected, onFailed, ...told }: ListenOptions,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = shortestPauseMs
  while (!signal.aborted) {
    const connected = (): void => {
      pauseMs = shortestPauseMs
      onConnected()
    }
    try {
      const client = await checkOut()
      await listenBy(client, { ...told, connected }, signal).finally(() => {
        client.release(true)
        client.unref?.() // a server that does not answer keeps no process alive
      })
    } catch (error) {
      if (signal.aborted) return
      onFailed(error)
      await pause(pauseMs, signal, { ref: false })
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }
}

/** Until the connection is lost, which rejects, or the signal. */
async function listenBy(
  client: PostgresClient,
  {
    channel,
    onPayload,
    connected,
  }: Pick<ListenOptions, 'channel' | 'onPayload'> & { readonly connected: () => void },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => undefined) // raced below, and nowhere else while nothing is awaited
  client.on('error', lost.reject)
  client.on('notification', (message) => {
    if (message.channel === channel && !signal.aborted) onPayload(message.payload ?? '')
  })
  signal.addEventListener('abort', () => lost.reject(signal.reason as Error), { once: true })
  const ask = (text: string): Promise<unknown> => {
    const timer = setTimeout(
      () => lost.reject(new Error('The listening connection does not answer')),
      answerMs,
    )
    return Promise.race([client.query({ text }), lost.promise]).finally(() => clearTimeout(timer))
  }
  await ask(`LISTEN "${channel}"`)
  connected()
  while (!signal.aborted) {
    await Promise.race([pause(beatMs, signal, { ref: false }), lost.promise])
    if (!signal.aborted) await ask('SELECT 1')
  }
}
