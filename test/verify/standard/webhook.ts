import { createStandardSigner } from '../../../src/signing/standard-webhooks.ts'
import { createStandardKeyPair, type StandardKeyPair } from '../../../src/signing/standard-key-pair.ts'

/** What every test here signs with, unless the secret is the point. */
export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
export const otherSecret: string = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const keyPair: StandardKeyPair = createStandardKeyPair()

/** When every test here takes place, in seconds and as a clock. */
export const seconds = 1_700_000_000
export const now = (): number => seconds * 1000

export const payload = { type: 'release.created', data: { app: 'web/1', user: 'jürgen', version: 4 } }

export interface WebhookHeaders extends Readonly<Record<string, string>> {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

export interface SentWebhook {
  readonly headers: WebhookHeaders
  readonly body: string
}

export interface WebhookOptions {
  readonly id?: string
  readonly timestamp?: number
  readonly body?: string
  readonly secret?: string | readonly string[]
}

/** A genuine webhook. */
export function webhook(options: WebhookOptions = {}): SentWebhook {
  const { id = 'msg_1', timestamp = seconds, body = JSON.stringify(payload) } = options
  const signature = createStandardSigner(options.secret ?? secret)({ id, timestamp, body })
  return {
    headers: { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature },
    body,
  }
}
