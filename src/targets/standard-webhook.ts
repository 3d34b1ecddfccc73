import type { Made, Target } from './shape.ts'
import { made } from './made.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeObject, madeText } from './target-options.ts'

export interface StandardWebhookOptions {
  /** The event's type. @default `release.` and the stage: 'release.released' */
  readonly type?: Made<string> | undefined
  /** The event's data, as JSON. @default the whole release */
  readonly data?: Made<object> | undefined
}

/**
 * A webhook as Standard Webhooks 1.0 describes it: JSON of `type`, `timestamp` and `data`, and the headers `webhook-id` (the delivery's id, the
 * same for every attempt), `webhook-timestamp` (of the attempt) and `webhook-signature`. Any 2xx is accepted, 410 disables the hook, and a
 * repeat has the same id and body.
 *
 * The hook's `secret` signs: `whsec_…` (HMAC-SHA256) or `whsk_…` (Ed25519). Of several all do, so that receivers verify while keys rotate.
 * Receivers verify by `createStandardVerifier` of `deploy-hooks/verify`, or any library for Standard Webhooks.
 *
 * @example
 * { url: 'https://hooks.example.com/releases', secret: ['whsec_new…', 'whsec_old…'], target: standardWebhook() }
 */
export function standardWebhook(options: StandardWebhookOptions = {}): Target {
  checkTargetOptions('standardWebhook', options, shape)
  const { type, data } = options
  return defineTarget({
    name: 'standard-webhook',
    repeat: 'idempotent',
    requests: [
      {
        sign: 'standard-webhooks',
        body: (context) => {
          const { release, recordedAt } = context
          return {
            json: {
              type: made(type, context) ?? `release.${release.stage ?? 'released'}`,
              timestamp: release.at ?? new Date(recordedAt).toISOString(),
              data: made(data, context) ?? release,
            },
          }
        },
      },
    ],
  })
}

const shape = { type: madeText, data: madeObject }
