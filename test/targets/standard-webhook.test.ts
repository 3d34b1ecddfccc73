import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { createStandardKeyPair, type ConfigurationError } from '../../src/index.ts'
import { standardWebhook } from '../../src/targets/index.ts'
import { createStandardReceiver, createStandardVerifier } from '../../src/verify/index.ts'
import { startHttp } from '../loopback.ts'
import { send } from './sending.ts'

const oldSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const newSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

interface Received {
  readonly headers: Record<string, string>
  readonly body: string
}

async function receivedFrom(
  secret: string | string[],
  statuses: readonly number[] = [204],
): Promise<Received[]> {
  const received: Received[] = []
  await using server = await startHttp((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body })
      response
        .writeHead(statuses[received.length - 1] ?? 204)
        .end(`echo ${String(request.headers['webhook-signature'])} ${[secret].flat().join(' ')}`)
    })
  })
  const { told } = await send(
    { url: server.origin, secret, target: standardWebhook(), after: 'failed' },
    { stage: 'failed' },
  )
  for (const each of [secret].flat()) {
    expect(told).not.toContain(each)
    expect(told).not.toContain(each.slice(6))
  }
  return received
}

describe('a Standard Webhook', () => {
  it('passes the verifier of the reference package, and ours', async () => {
    const [request] = await receivedFrom(newSecret)
    const { headers = {}, body = '' } = request ?? {}
    expect(new Webhook(newSecret).verify(body, headers)).toMatchObject({
      type: 'release.failed',
      timestamp: '2026-11-21T12:00:00.000Z',
      data: { app: 'web', version: 'v4', stage: 'failed' },
    })
    const verified = createStandardVerifier({ secret: newSecret }).verify({ headers, body })
    expect(verified).toMatchObject({ id: headers['webhook-id'], payload: { type: 'release.failed' } })
    expect(() => new Webhook(oldSecret).verify(body, headers)).toThrow('No matching signature')
  })

  it('is signed by every secret while they rotate', async () => {
    const [request] = await receivedFrom([newSecret, oldSecret])
    const { headers = {}, body = '' } = request ?? {}
    for (const secret of [newSecret, oldSecret])
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ data: { app: 'web' } })
    const verified = createStandardVerifier({ secret: oldSecret }).verify({ headers, body })
    expect(verified.matched).toEqual({ secret: 0, version: 'v1' })
  })

  it('is signed by Ed25519 too', async () => {
    const { privateKey, publicKey } = createStandardKeyPair()
    const [request] = await receivedFrom([privateKey, oldSecret])
    const { headers = {}, body = '' } = request ?? {}
    const verified = createStandardVerifier({ secret: publicKey }).verify({ headers, body })
    expect(verified.matched).toEqual({ secret: 0, version: 'v1a' })
    expect(new Webhook(oldSecret).verify(body, headers)).toBeTruthy()
  })

  it('has the same id and body on every attempt', async () => {
    const received = await receivedFrom(newSecret, [503, 500, 204])
    expect(received).toHaveLength(3)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  it('arrives at a receiver of ours', async () => {
    const told: unknown[] = []
    const receiver = createStandardReceiver({
      verifier: createStandardVerifier({ secret: newSecret }),
      onDelivery: ({ payload }) => void told.push(payload),
    })
    const server = createServer(receiver.node).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const target = standardWebhook({ type: 'deploy', data: ({ release }) => ({ version: release.version }) })
    const { delivery } = await send({ url, secret: newSecret, target })
    server.close()
    expect(delivery.state).toBe('delivered')
    expect(told).toEqual([{ type: 'deploy', timestamp: '2026-11-21T12:00:00.000Z', data: { version: 'v4' } }])
  })

  it('needs a secret of its kind', async () => {
    for (const secret of [undefined, 'not a secret of Standard Webhooks!', 'whpk_AAAA']) {
      const error = await send({ url: 'http://127.0.0.1:1', secret, target: standardWebhook() }).catch(
        (caught: unknown) => caught,
      )
      expect((error as ConfigurationError).code).toBe('secret_invalid')
    }
  })
})
