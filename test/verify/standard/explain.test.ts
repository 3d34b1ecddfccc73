import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ExplainOptions } from '../../../src/verify/explain/explain.ts'
import type { StandardExplanation } from '../../../src/verify/standard/explain/explain.ts'
import type { StandardNearMiss } from '../../../src/verify/standard/explain/near-misses.ts'
import type { StandardRequest } from '../../../src/verify/standard/request.ts'
import {
  createStandardVerifier,
  type StandardVerifierOptions,
} from '../../../src/verify/standard/verifier.ts'
import { keyPair, now, otherSecret, payload, seconds, secret, webhook } from './webhook.ts'

const genuine = webhook()
const bare = secret.slice('whsec_'.length)

function explain(
  request: unknown,
  options: ExplainOptions = {},
  verifier: Partial<StandardVerifierOptions> = {},
): StandardExplanation {
  return createStandardVerifier({ secret, now, ...verifier }).explain(request as StandardRequest, options)
}

/** A webhook whose sender signs in its own way. */
function signedAs(
  key: Buffer | string,
  content: (id: string, timestamp: string, body: string) => string = (id, timestamp, body) =>
    `${id}.${timestamp}.${body}`,
  encoding: 'base64' | 'base64url' | 'hex' = 'base64',
  prefix = 'v1,',
): StandardRequest {
  const digest = createHmac('sha256', key)
    .update(content('msg_1', String(seconds), genuine.body))
    .digest(encoding)
  return { ...genuine, headers: { ...genuine.headers, 'webhook-signature': prefix + digest } }
}

const key = Buffer.from(bare, 'base64')
const plain = (id: string, timestamp: string, body: string): string => `${id}.${timestamp}.${body}`

function received(body: unknown, signed: string = genuine.body): unknown {
  return { ...webhook({ body: signed }), body }
}

function without(...names: readonly string[]): unknown {
  const kept = Object.entries(genuine.headers).filter(([name]) => !names.includes(name))
  return { ...genuine, headers: Object.fromEntries(kept) }
}

/** As Python's json.dumps, Go's json.Marshal and PHP's json_encode write what JSON.stringify then writes again. */
const python = String.raw`{"type": "release.created", "data": {"app": "web/1", "user": "j\u00fcrgen", "list": [1, 2, {}]}}`
const php = String.raw`{"app":"web\/1","user":"j\u00fcrgen"}`
const go = String.raw`{"html":"\u003cb\u003e \u0026"}`
const rewritten = (body: string): string => JSON.stringify(JSON.parse(body))

describe('explain() of Standard Webhooks names', () => {
  it.each<readonly [readonly StandardNearMiss[], unknown]>([
    [['unsigned'], { headers: {}, body: '{}' }],
    [['id-missing'], without('webhook-id')],
    [['timestamp-missing', 'signature-missing'], without('webhook-timestamp', 'webhook-signature')],
    [['svix-headers'], { headers: { 'svix-id': 'x', 'svix-signature': 'v1,x' }, body: '{}' }],
    [['repeated-header'], { ...genuine, headers: { ...genuine.headers, 'webhook-id': ['a', 'a'] } }],
    [['body-parsed'], received(payload)],
    [['body-parsed'], received(undefined)],
    [['body-empty'], received('')],
    [['body-reserialised'], received(genuine.body, JSON.stringify(payload, undefined, 2))],
    [['body-reserialised'], received(JSON.stringify(payload, undefined, 2))],
    [['body-reserialised'], received(rewritten(python), python)],
    [['body-reserialised'], received(rewritten(php), php)],
    [['body-reserialised'], received(rewritten(go), go)],
    [['body-newline'], received(`${genuine.body}\n`)],
    [['body-newline'], received(genuine.body, `${genuine.body}\n`)],
    [['body-newline'], received(genuine.body, `${genuine.body}\r\n`)],
    [
      ['body-newline', 'body-reserialised'],
      received(genuine.body, `${JSON.stringify(payload, undefined, 4)}\n`),
    ],
    [['timestamp-milliseconds'], webhook({ timestamp: seconds * 1000 })],
    [['clock'], webhook({ timestamp: seconds - 301 })],
    [['clock'], webhook({ timestamp: seconds + 4000 })],
    [['other-version'], webhook({ secret: keyPair.privateKey })],
    [['signature-bare'], signedAs(key, plain, 'base64', '')],
    [['signature-bare', 'signature-hex'], signedAs(key, plain, 'hex', 'sha256=')],
    [['signature-hex'], signedAs(key, plain, 'hex')],
    [['signature-base64url'], signedAs(key, plain, 'base64url')],
    [['signed-body-alone'], signedAs(key, (_id, _timestamp, body) => body)],
    [['signed-without-id'], signedAs(key, (_id, timestamp, body) => `${timestamp}.${body}`)],
    [['secret-as-text'], signedAs(bare)],
    [['secret-prefix'], signedAs(secret)],
    [['secret-prefix'], signedAs(Buffer.from(secret, 'base64'))],
  ])('%s', (misses, request) => {
    const explanation = explain(request)
    expect(explanation.ok).toBe(false)
    expect(explanation.nearMisses).toEqual(misses)
    for (const miss of misses) expect(explanation.message).toContain(`- ${miss}: `)
  })

  it('an older secret, when the request verifies and when it does not', () => {
    const verifier = { secret: [otherSecret, secret] }

    expect(explain(genuine, {}, verifier)).toMatchObject({ ok: true, nearMisses: ['older-secret'] })
    expect(explain(received(`${genuine.body}\n`), {}, verifier)).toMatchObject({
      ok: false,
      nearMisses: ['body-newline', 'older-secret'],
    })
  })

  it('a secret that is given to it alone, and a public key', () => {
    const { privateKey, publicKey } = keyPair
    const both = { secrets: [`${otherSecret}\n`, publicKey, 'no base64'] }

    expect(explain(webhook({ secret: otherSecret }), both).nearMisses).toEqual(['other-secret'])
    expect(explain(webhook({ secret: privateKey }), both).nearMisses).toEqual(['other-secret'])
    expect(explain(signedAs('no base64'), both).nearMisses).toEqual(['other-secret', 'secret-as-text'])
  })

  it('a changed body under a public key too', () => {
    const sent = webhook({ secret: keyPair.privateKey })
    const request = { ...sent, body: `${sent.body}\n` }
    expect(explain(request, {}, { secret: keyPair.publicKey }).nearMisses).toEqual(['body-newline'])
  })
})

describe('explain() of Standard Webhooks', () => {
  it('says that a request verifies', () => {
    expect(explain(genuine)).toEqual({ ok: true, nearMisses: [], message: 'The request verifies.' })
  })

  it('says by how much a clock is off', () => {
    expect(explain(webhook({ timestamp: seconds - 3600 })).message).toContain(
      'The timestamp is 3600 s behind this clock; 300 s are allowed.',
    )
    expect(explain(webhook({ timestamp: seconds + 400 })).message).toContain('400 s ahead of this clock')
  })

  it('finds nothing near when the secrets differ, and says so', () => {
    const explanation = explain(webhook({ secret: otherSecret }))
    expect(explanation).toMatchObject({ code: 'signature_mismatch', nearMisses: [] })
    expect(explanation.message).toContain('No near miss matches')
    expect(explanation.message).toContain('1 signature(s), a body of')
  })

  it('has nothing to search for when the signature is right, and when nothing can be read', () => {
    expect(explain(webhook({ body: '{' }))).toMatchObject({ code: 'body_malformed', nearMisses: [] })
    expect(explain(undefined)).toMatchObject({ code: 'request_malformed', nearMisses: [] })
  })

  it('shows no secret, no signature and nothing of the body', () => {
    const requests = [signedAs(bare), received(`${genuine.body}\n`), webhook({ secret: otherSecret })]
    for (const request of requests as readonly StandardRequest[]) {
      const { message } = explain(request, { secrets: otherSecret })
      expect(message).not.toContain(bare.slice(0, 8))
      expect(message).not.toContain(otherSecret.slice(6, 14))
      expect(message).not.toContain(
        new Headers(request.headers as Record<string, string>).get('webhook-signature')?.slice(3, 12),
      )
      expect(message).not.toContain('release.created')
    }
  })

  it('ends within bounds for a large body and many signatures', () => {
    const body = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => `line ${index}`))
    const signatures = 'v1a,'.concat(Buffer.alloc(64, 9).toString('base64'))
    const headers = { ...genuine.headers, 'webhook-signature': `${signatures} `.repeat(30).trim() }
    const before = process.cpuUsage()

    expect(explain({ headers, body }, {}, { secret: keyPair.publicKey }).nearMisses).toEqual([])
    expect(explain({ headers: genuine.headers, body: Buffer.alloc(16_000_000, 0x20) }).nearMisses).toEqual([])
    expect(process.cpuUsage(before).user).toBeLessThan(5_000_000) // microseconds; it takes half a million
  })

  it('takes options that are none', () => {
    const request = webhook({ secret: otherSecret })
    for (const secrets of [null, 7, [null], {}]) {
      expect(explain(request, { secrets: secrets as unknown as string }).nearMisses).toEqual([])
    }
  })
})
