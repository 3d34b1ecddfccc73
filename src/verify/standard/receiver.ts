import {
  aFunction,
  checkFields,
  required,
  wholeNumber,
  withMethods,
  type Fields,
} from '../../option-fields.ts'
import { createHandler, type Receiver, type ReceiverReports } from '../handler.ts'
import { guarded, type HeadersOf } from '../request.ts'
import { largestBody } from './body.ts'
import { bodyOfFetch, bodyOfNode } from './read-body.ts'
import type { StandardVerifier } from './verifier.ts'
import type { VerifiedStandardWebhook } from './result.ts'

export interface StandardReceiverOptions extends ReceiverReports {
  readonly verifier: StandardVerifier
  /**
   * Called once for each genuine webhook. The sender hears 204 when it resolves and 500 when it rejects, in which case it
   * sends again; it waits 15 to 30 seconds for an answer, so start long work here and do not wait for it.
   */
  readonly onDelivery: (webhook: VerifiedStandardWebhook) => void | Promise<void>
  /**
   * Whether a webhook with this id was handled before: then it is acknowledged with 200, and not handled again. It only
   * asks: remember `webhook.id` in `onDelivery`. Two repeats at once both pass an answer that takes time, so where that
   * matters let it remember and tell in one step (`INSERT … ON CONFLICT DO NOTHING`).
   * @default never
   */
  readonly seen?: ((id: string) => boolean | Promise<boolean>) | undefined
  /**
   * The largest body that is read, in bytes, up to 16 MiB. What is larger is answered with 413, as soon as it is known to be.
   * How long a body may take is the server's to say: `server.requestTimeout`, 5 minutes in Node.
   * @default 1_048_576, 1 MiB
   */
  readonly maxBodyBytes?: number | undefined
}

const defaultMaxBodyBytes = 1_048_576

/**
 * A request handler around a verifier of Standard Webhooks: one core for Node and Fetch servers. It takes POST alone, and
 * reads the body itself, since the signature is made of its bytes. The connection of what is refused is closed. Where a body parser ran before, the bytes are gone: it
 * then fails with `body_consumed`, to `next` where there is one, and 500 otherwise. What `express.raw()` has read is taken.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 * @example
 * http.createServer(createStandardReceiver({ verifier, onDelivery: ({ payload }) => console.log(payload) }).node)
 */
export function createStandardReceiver(options: StandardReceiverOptions): Receiver {
  checkFields(options, fields, { of: 'createStandardReceiver()' })
  const { verifier, onDelivery, seen, maxBodyBytes = defaultMaxBodyBytes, ...reports } = options
  const proven = async (request: HeadersOf, reading: Promise<Buffer>): Promise<VerifiedStandardWebhook> => {
    const body = await reading
    return verifier.verify({ ...guarded(request, headersOf), body })
  }
  return createHandler(
    {
      proveNode: (request) => proven(request, bodyOfNode(request, maxBodyBytes)),
      proveFetch: (request) => proven(request, bodyOfFetch(request, maxBodyBytes)),
      wasSeen: ({ id }) => seen?.(id),
      handle: onDelivery,
    },
    reports,
  )
}

function headersOf({ headers, rawHeaders, raw }: HeadersOf): HeadersOf {
  return { headers, rawHeaders, raw }
}

const fields: Fields = {
  verifier: required(withMethods('what `createStandardVerifier()` gives', 'verify')),
  onDelivery: required(aFunction),
  seen: aFunction,
  maxBodyBytes: wholeNumber(1, largestBody, ' of bytes'),
  onRefused: aFunction,
  onError: aFunction,
}
