import pRetry from 'p-retry'
import { storeErrorOf } from './faults.ts'
import { pause } from './pause.ts'
import type { PostgresClient } from './pool.ts'
import { untilItWorks } from '../../until-it-works.ts'

export interface Listener {
  /** Resolves when nothing more will be told. May be called again. */
  close(): Promise<void>
}

interface ListenOptions {
  readonly checkOut: () => Promise<PostgresClient>
  readonly channel: string
  readonly onPayload: (payload: string) => void
  readonly onConnected: () => void
}

/** A connection whose other end is gone without a word is found out by asking. */
const beatMs = 10_000
const answerMs = 5000

/** Listens until it is closed, on one connection after another. Whoever uses the database is told what is wrong with it. */
export function listen(options: ListenOptions): Listener {
  const closing = new AbortController()
  const ended = listenOn(options, closing.signal)
  return {
    async close() {
      closing.abort()
      await ended
    },
  }
}

async function listenOn(options: ListenOptions, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted) {
      await pRetry(() => listenOnce(options, signal), { ...untilItWorks, unref: true, signal })
      await pause(untilItWorks.minTimeout, signal, { ref: false })
    }
  } catch (error) {
    if (!signal.aborted) throw error // nothing else ends it
  }
}

/** Resolves when a connection is lost that has listened; rejects with a {@link StoreError} when none could. */
async function listenOnce(options: ListenOptions, signal: AbortSignal): Promise<void> {
  const client = await options.checkOut()
  let hasListened = false
  const connected = (): void => {
    hasListened = true
    options.onConnected()
  }
  try {
    await listenBy(client, { ...options, connected }, signal)
  } catch (error) {
    if (!hasListened) throw storeErrorOf(error, 'asking', 'The connection that listens') // p-retry tries no TypeError again
  } finally {
    client.release(true)
    client.unref?.() // a server that does not answer keeps no process alive
  }
}

interface Told extends Pick<ListenOptions, 'channel' | 'onPayload'> {
  readonly connected: () => void
}

/** Until the connection is lost, or the signal: either rejects. */
async function listenBy(
  client: PostgresClient,
  { channel, onPayload, connected }: Told,
  signal: AbortSignal,
): Promise<never> {
  signal.throwIfAborted()
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => undefined) // raced below, and nowhere else while nothing is awaited
  const abort = (): void => lost.reject(signal.reason as Error)
  client.on('error', lost.reject)
  client.on('notification', (message) => {
    if (message.channel === channel && !signal.aborted) onPayload(message.payload ?? '')
  })
  signal.addEventListener('abort', abort, { once: true })
  const ask = (text: string): Promise<unknown> => {
    const timer = setTimeout(
      () => lost.reject(new Error('The listening connection does not answer')),
      answerMs,
    )
    return Promise.race([client.query({ text }), lost.promise]).finally(() => clearTimeout(timer))
  }
  try {
    await ask(`LISTEN "${channel}"`)
    connected()
    for (;;) {
      await Promise.race([pause(beatMs, signal, { ref: false }), lost.promise])
      await ask('SELECT 1')
    }
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
