import { createHmac } from 'node:crypto'
import type { ReleaseInput } from 'deploy-hooks'
import PQueue from 'p-queue'
import pRetry from 'p-retry'
import { releaseUrlByHand } from './release-url-by-hand.ts'

/** @returns the status of the answer */
export type SendByHand = (url: string, headers: Readonly<Record<string, string>>) => Promise<number>

export interface DeliveryByHandOptions {
  readonly hookUrl: string
  readonly secret: string
  readonly concurrency: number
  readonly send: SendByHand
}

/**
 * What a platform writes without this library: the same request, made with the same packages; no check of the release, no
 * record, no events, and no schedule past p-retry's. p-retry stands around the queue, as it does in the library.
 */
export function createDeliveryByHand({
  hookUrl,
  secret,
  concurrency,
  send,
}: DeliveryByHandOptions): (release: ReleaseInput) => Promise<void> {
  const queue = new PQueue({ concurrency })
  return (release) => {
    const url = releaseUrlByHand(hookUrl, release)
    const headers = {
      'user-agent': 'by-hand/1.0.0',
      'idempotency-key': `"${release.app}-${release.version}"`,
      authorization: createHmac('sha256', secret).update(url).digest('hex'),
    }
    const post = async (): Promise<void> => {
      const status = await send(url, headers)
      if (status !== 200) throw new Error(`Expected 200, got ${status}`)
    }
    return pRetry(() => queue.add(post), { retries: 10, minTimeout: 100, maxTimeout: 1500 })
  }
}
