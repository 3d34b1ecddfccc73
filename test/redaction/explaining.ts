import { createHmac } from 'node:crypto'
import {
  createReceiver,
  createStandardReceiver,
  createStandardVerifier,
  createVerifier,
  type HookVerificationError,
  type StandardRequest,
} from '../../src/verify/index.ts'
import { delivery, hookUrl, type DeliveryOptions, type SentRequest } from '../verify/delivery.ts'
import { plant } from './marks.ts'
import { signatures } from './receivers.ts'

type Told = (what: string, value: unknown) => void

const wrapped = (place: string): string => `whsec_${keyOf(place).toString('base64')}`

function keyOf(place: string): Buffer {
  return Buffer.from(plant(place).padEnd(32, '.'))
}

/** A receiver that is not set up rightly, and whose engineer has everything explained: all that both verifiers say of requests. */
export async function explainAll(told: Told): Promise<void> {
  await explainReleases(told)
  await explainWebhooks(told)
}

async function explainReleases(told: Told): Promise<void> {
  const url = `${hookUrl}?token=${encodeURIComponent(plant('parameter of a verifier'))}`
  const secret = plant('secret of a verifier')
  const verifier = createVerifier({
    url: [url, `${url}&b=1`],
    secret: [secret, plant('former secret of a verifier')],
  })
  const other = `${hookUrl}?token=${encodeURIComponent(plant('parameter of a sender'))}`
  const sent: readonly DeliveryOptions[] = [
    { url, secret },
    { url, secret: plant('former secret of a verifier') },
    { url, secret: plant('secret of a sender') },
    { url, secret: plant('secret for explain()') },
    { url, secret: `"${secret}"` },
    { url, secret: `${secret}\n` },
    { url, secret, algorithm: 'sha1' },
    { url, secret, dialect: 'deis' },
    { url: other, secret },
    { url: `${url}&more=${encodeURIComponent(plant('further parameter of a sender'))}`, secret },
    { url, secret, signed: (signed) => signed.replace('https', 'http') },
    { url, secret, signed: (signed) => signed.replace('/hooks', '') },
    { url, secret, arrives: (arrived) => arrived.split('&').toReversed().join('&') },
    { url, secret, arrives: (arrived) => arrived.replace(/\?.*/u, '') },
  ]
  const requests = sent.map(delivery)
  for (const { headers } of requests) signatures.add(headers.authorization)
  const [right] = requests as [SentRequest]
  const authorized = (authorization: string): SentRequest => ({
    ...right,
    headers: { ...right.headers, authorization },
  })
  const credentials = Buffer.from(`me:${plant('credentials of a sender')}`).toString('base64')
  const all = [
    ...requests,
    authorized(plant('token in the place of a signature')),
    authorized(`Bearer ${plant('token in the place of a signature')}`),
    authorized(`Basic ${credentials}`),
    authorized(`sha256=${right.headers.authorization}`),
    authorized(right.headers.authorization.toUpperCase()),
    authorized(`${right.headers.authorization}, Basic ${credentials}`),
  ]
  for (const request of all) {
    told('explained', verifier.explain(request, { secrets: [plant('secret for explain()')] }))
    const { ok, ...refused } = verifier.safeVerify(request)
    told('verified', ok ? ok : refused) // what was proven, the key with it, is the receiver's
  }
  const receiver = createReceiver({
    verifier,
    onRelease: () => {
      throw new Error('It cannot be handled')
    },
    onRefused: (error: HookVerificationError) => told('refused', error),
    onError: (error) => told('failed', error),
  })
  for (const { method, url: path, headers } of all) {
    const answer = await receiver.fetch(new Request(new URL(path, hookUrl), { method, headers }))
    told('answered', [answer.status, [...answer.headers], await answer.text()])
  }
  told('verifier', [verifier, receiver])
}

async function explainWebhooks(told: Told): Promise<void> {
  const places = ['secret of a standard verifier', 'former secret of a standard verifier']
  const seconds = String(Math.floor(Date.now() / 1000))
  const verifier = createStandardVerifier({ secret: places.map(wrapped) })
  const body = JSON.stringify({ token: plant('field of a body') })
  const signed = (
    key: Buffer | string,
    content: string,
    encoding: 'base64' | 'hex' = 'base64',
  ): StandardRequest => {
    const signature = createHmac('sha256', key).update(content).digest(encoding)
    signatures.add(signature)
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,${signature}`,
    }
    return { headers, body }
  }
  const content = `msg_1.${seconds}.${body}`
  const [key, former] = places.map(keyOf) as [Buffer, Buffer]
  const right = signed(key, content)
  const all: readonly StandardRequest[] = [
    right,
    signed(former, content),
    signed(keyOf('secret of a standard sender'), content),
    signed(keyOf('secret for explain()'), content),
    signed(key.toString('base64'), content),
    signed(wrapped('secret of a standard verifier'), content),
    signed(key, body),
    signed(key, content, 'hex'),
    { ...right, body: JSON.parse(body) as never },
    { ...right, body: body.slice(0, -1) },
    { ...right, body: `${body}\n` },
    { headers: { ...right.headers, 'webhook-signature': plant('token in the place of a signature') }, body },
  ]
  for (const request of all) {
    told('explained', verifier.explain(request, { secrets: [wrapped('secret for explain()')] }))
    const { ok, ...refused } = verifier.safeVerify(request)
    told('verified', ok ? ok : refused)
  }
  const receiver = createStandardReceiver({
    verifier,
    onDelivery: () => {
      throw new Error('It cannot be handled')
    },
    onRefused: (error) => told('refused', error),
    onError: (error) => told('failed', error),
  })
  for (const request of all) {
    const given = {
      method: 'POST',
      headers: request.headers as Record<string, string>,
      body: String(request.body),
    }
    const answer = await receiver.fetch(new Request(hookUrl, given))
    told('answered', [answer.status, [...answer.headers], await answer.text()])
  }
  told('verifier', [verifier, receiver])
}
