import { aFunction, checkFields, required, withMethods, type Fields } from '../option-fields.ts'
import { createHandler, type Receiver, type ReceiverReports } from './handler.ts'
import type { RequestLike } from './request.ts'
import type { Verifier } from './verifier.ts'
import type { VerifiedHook } from './result.ts'

export interface ReceiverOptions extends ReceiverReports {
  readonly verifier: Verifier
  /**
   * Called once for each genuine delivery. The sender hears 204 when it resolves and 500 when it rejects, in which case
   * it sends again; it waits 15 seconds for an answer, so start long work here and do not wait for it.
   */
  readonly onRelease: (hook: VerifiedHook) => void | Promise<void>
  /**
   * Whether a delivery with this key was handled before: then it is acknowledged with 200, and not handled again. The key is
   * the delivery's id where it was sent, else the signature. It only asks: remember `hook.key` in `onRelease`. Two repeats at
   * once both pass an answer that takes time, so where that matters let it remember and tell in one step
   * (`INSERT … ON CONFLICT DO NOTHING`).
   * @default never
   */
  readonly seen?: ((key: string) => boolean | Promise<boolean>) | undefined
}

/**
 * A request handler around a verifier: one core for Node and Fetch servers. It takes POST alone, and reads no body:
 * a delivery has none. The connection of what is refused is closed, and of what sends a body all the same.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 * @example
 * http.createServer(createReceiver({ verifier, onRelease: ({ release }) => console.log(release.app) }).node)
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  checkFields(options, fields, { of: 'createReceiver()' })
  const { verifier, onRelease, seen, ...reports } = options
  const prove = (request: RequestLike): VerifiedHook => verifier.verify(request)
  return createHandler(
    { proveNode: prove, proveFetch: prove, wasSeen: ({ key }) => seen?.(key), handle: onRelease },
    reports,
  )
}

const fields: Fields = {
  verifier: required(withMethods('what `createVerifier()` gives', 'verify')),
  onRelease: required(aFunction),
  seen: aFunction,
  onRefused: aFunction,
  onError: aFunction,
}
