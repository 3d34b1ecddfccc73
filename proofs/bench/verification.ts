import { createHmac } from 'node:crypto'
import { createVerifier } from 'deploy-hooks/verify'
import { verify as verifyOctokit } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import { contest, type ContestOptions, type Contestant, type Standing } from '../shared/contest.ts'
import { createMessages, type Messages } from './messages.ts'
import { Stripe } from './others/stripe.ts'
import { twilio } from './others/twilio.ts'
import { repeated, repeatedAsync, type MicrosFigure } from './repeated.ts'
import { createVerificationByHand } from './verification-by-hand.ts'

export interface VerificationOptions extends ContestOptions {
  /** Messages that each contestant verifies in a round. */
  readonly verifications: number
}

type MicrosContestant = Contestant<MicrosFigure>

/** How long it takes to verify one genuine message of about 200 bytes. */
export async function measureVerification({
  verifications,
  ...options
}: VerificationOptions): Promise<readonly Standing<MicrosFigure>[]> {
  const messages = createMessages(64)
  const byHand = verifyByHand(messages, verifications)
  const contestants = [
    byHand,
    readByHand(messages, verifications),
    verifyPlainRequests(messages, verifications),
    verifyNodeRequests(messages, verifications),
    await verifyAsGitHub(messages, verifications),
    verifyAsStripe(messages, verifications),
    verifyAsStandardWebhooks(messages, verifications),
    verifyAsTwilio(messages, verifications),
  ]
  return await contest(contestants, byHand, options)
}

function verifyByHand({ hookUrl, secret, all }: Messages, times: number): MicrosContestant {
  const inputs = all.map(({ path, headers }) => ({ url: path, headers }))
  const name = 'createHmac + timingSafeEqual'
  const does = 'by hand: URL rebuilt, digests compared; the release is not read'
  return repeated({ name, does, inputs, times }, createVerificationByHand(hookUrl, secret))
}

/** As much as a receiver needs: the release too. */
function readByHand({ hookUrl, secret, all }: Messages, times: number): MicrosContestant {
  const inputs = all.map(({ path, headers }) => ({ url: path, headers }))
  const name = 'createHmac + timingSafeEqual + URLSearchParams'
  const does = 'the same, and the five fields read'
  const verify = createVerificationByHand(hookUrl, secret)
  const fields = ['app', 'release', 'release_summary', 'sha', 'user']
  return repeated({ name, does, inputs, times }, (request) => {
    if (!verify(request)) return false
    const parameters = new URLSearchParams(request.url.slice(request.url.indexOf('?') + 1))
    return fields.every((field) => parameters.get(field) !== null)
  })
}

function verifyPlainRequests({ hookUrl, secret, all }: Messages, times: number): MicrosContestant {
  const inputs = all.map(({ path, headers }) => ({ method: 'POST', url: path, headers }))
  const verifier = createVerifier({ url: hookUrl, secret })
  const name = 'deploy-hooks'
  const does = '`verify()` of a plain request with 6 headers; gives the release'
  return repeated({ name, does, inputs, times }, (request) => verifier.verify(request).release.app !== '')
}

function verifyNodeRequests({ hookUrl, secret, all }: Messages, times: number): MicrosContestant {
  const inputs = all.map(({ path, headers }) => {
    return { method: 'POST', url: path, headers, rawHeaders: Object.entries(headers).flat() }
  })
  const verifier = createVerifier({ url: hookUrl, secret })
  const name = 'deploy-hooks, Node request'
  const does = '`verify()` of a request with `rawHeaders`; gives the release'
  return repeated({ name, does, inputs, times }, (request) => verifier.verify(request).release.app !== '')
}

function verifyAsGitHub({ secret, all }: Messages, times: number): Promise<MicrosContestant> {
  const inputs = all.map(({ body }) => {
    return { body, signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }
  })
  const name = '@octokit/webhooks-methods'
  const does = '`verify()` of a body'
  return repeatedAsync({ name, does, inputs, times }, ({ body, signature }) =>
    verifyOctokit(secret, body, signature),
  )
}

function verifyAsStripe({ secret, all }: Messages, times: number): MicrosContestant {
  const { webhooks } = Stripe
  const inputs = all.map(({ body }) => {
    return { body, header: webhooks.generateTestHeaderString({ payload: body, secret }) }
  })
  const name = 'stripe'
  const does = '`webhooks.constructEvent()` of a body; gives the event'
  return repeated(
    { name, does, inputs, times },
    ({ body, header }) => typeof webhooks.constructEvent(body, header, secret) === 'object',
  )
}

function verifyAsStandardWebhooks({ secret, all }: Messages, times: number): MicrosContestant {
  const webhook = new Webhook(Buffer.from(secret).toString('base64'))
  const inputs = all.map(({ body }, index) => {
    const id = `msg_${index}`
    const sentAt = new Date()
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': webhook.sign(id, sentAt, body),
    }
    return { body, headers }
  })
  const name = 'standardwebhooks'
  const does = '`Webhook.verify()` of a body; gives the event'
  return repeated(
    { name, does, inputs, times },
    ({ body, headers }) => typeof webhook.verify(body, headers) === 'object',
  )
}

function verifyAsTwilio({ secret, all }: Messages, times: number): MicrosContestant {
  const inputs = all.map(({ url }) => {
    return { url, signature: twilio.getExpectedTwilioSignature(secret, url, {}) }
  })
  const name = 'twilio'
  const does = '`validateRequest()` of the URL without parameters; SHA-1'
  return repeated({ name, does, inputs, times }, ({ url, signature }) =>
    twilio.validateRequest(secret, signature, url, {}),
  )
}
