import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isPlain, namesSecret } from '../../src/masking/words.ts'

describe('a plain word', () => {
  it.each([
    'webhooks',
    'IncomingWebhook',
    'incoming-webhook',
    'build_hooks',
    'workflows',
    'deployments',
    'notifications',
    'production',
    'Production',
    'STAGING',
    'xlsx',
    'my-app',
    'main',
    'https',
    'true',
    'triggers',
  ])('is %s', (text) => {
    expect(isPlain(text)).toBe(true)
  })

  it.each([
    '',
    'v1webhooks',
    'webhookb2',
    'hunter2',
    'T0000000',
    '2026-11-21',
    's3cret',
    'pässwort',
    'correct-horse-battery',
    'electroencephalograph',
    'xkcdqwrtz',
    'pqrstvwx',
    'aBcDeFgH',
    'iOuAeIoU',
    '日本語',
    'one--two',
    '%77eb',
    'web\\hooks',
  ])('is not %j', (text) => {
    expect(isPlain(text)).toBe(false)
  })

  it('is hardly ever a token that was made at random', () => {
    for (const encoding of ['hex', 'base64url', 'base64'] as const) {
      const tokens = Array.from({ length: 20_000 }, () => randomBytes(12).toString(encoding).slice(0, 16))
      expect(tokens.filter(isPlain).length).toBeLessThanOrEqual(1)
    }
  })
})

describe('the name of a parameter', () => {
  it.each([
    'token',
    'access_token',
    'apiKey',
    'X-Api-Key',
    'secret',
    'sig',
    'signature',
    'code',
    'password',
    'auth',
    'jwt',
  ])('says that %s is a secret', (name) => {
    expect(namesSecret(name)).toBe(true)
  })

  it.each(['branch', 'ref', 'tag', 'env', 'app', 'author', 'design', 'wait', 'v', ''])(
    'does not say it of %j',
    (name) => {
      expect(namesSecret(name)).toBe(false)
    },
  )
})
