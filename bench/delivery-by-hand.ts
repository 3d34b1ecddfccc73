import { createHmac } from 'node:crypto'
import type { ReleaseInput } from 'deploy-hooks'
import type { Got } from 'got'
import PQueue from 'p-queue'
import pRetry from 'p-retry'
import { releaseUrlByHand } from './release-url-by-hand.ts'

export interface DeliveryByHandOptions {
  readonly hookUrl: string
  readonly secret: string
  readonly concurrency: number
  readonly client: Got
}

/**
 * What a platform writes without this library: the same request, made with the same packages; no check of the release, no
 * record, no events, and no schedule past p-retry's. p-retry stands around the queue, as it does in the library.
 */
export function createDeliveryByHand({
  hookUrl,
  secret,
  concurrency,
  client,
}: DeliveryByHandOptions): (release: ReleaseInput) => Promise<void> {
  const queue = new PQueue({ concurrency })
  return (release) => {
    const url = releaseUrlByHand(hookUrl, release)
    const headers = {
      'user-agent': 'by-hand/1.0.0',
      'idempotency-key': `"${release.app}-${release.version}"`,
      authorization: createHmac('sha256', secret).update(url).digest('hex'),
    }
    const send = async (): Promise<void> => {
      const { statusCode } = await client.post(url, { headers })
      if (statusCode !== 200) throw new Error(`Expected 200, got ${statusCode}`)
    }
    return pRetry(() => queue.add(send), { retries: 10, minTimeout: 100, maxTimeout: 1500 })
  }
}
