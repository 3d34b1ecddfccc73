import { createHmac, verify } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { ed25519PrivateKey, ed25519PublicBytes } from '../../src/signing/ed25519.ts'
import { createStandardKeyPair } from '../../src/signing/standard-key-pair.ts'
import { parseStandardSecret, parseStandardVerificationSecret } from '../../src/signing/standard-secret.ts'
import { createStandardSigner } from '../../src/signing/standard-webhooks.ts'
import { asymmetric, ed25519, symmetric } from '../vectors/standard.ts'

const message = { id: 'msg_1', timestamp: 1_700_000_000, body: '{}' }
const base64 = (bytes: number): string => Buffer.alloc(bytes, 0x5a).toString('base64')
const secret = `whsec_${base64(32)}`

/** The error of an action, which is to be one of the configuration. */
function refusal(action: () => unknown): ConfigurationError {
  try {
    action()
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the signer of Standard Webhooks', () => {
  it.each(symmetric)('signs as published: $source', ({ secret, signature, ...message }) => {
    expect(createStandardSigner(secret)(message)).toBe(signature)
    expect(createStandardSigner(secret.replace('whsec_', ''))(message)).toBe(signature)
  })

  it.each(asymmetric)('signs as published: $source', ({ privateKey, signature, ...message }) => {
    expect(createStandardSigner(privateKey)(message)).toBe(signature)
  })

  it('signs with all secrets, of both kinds, in the order given', () => {
    const { privateKey } = createStandardKeyPair()
    const both = createStandardSigner([privateKey, secret])(message)

    expect(both).toBe(`${createStandardSigner(privateKey)(message)} ${createStandardSigner(secret)(message)}`)
    expect(both).toMatch(/^v1a,[\w+/]{86}== v1,[\w+/]{43}=$/u)
  })

  it('is verified by the reference package, whatever the message and the secret', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[!-\-/-~]{1,64}$/u),
        fc.json(),
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        (id, body, bytes) => {
          const secret = `whsec_${Buffer.from(bytes).toString('base64')}`
          const timestamp = Math.floor(Date.now() / 1000)
          const headers = {
            'webhook-id': id,
            'webhook-timestamp': String(timestamp),
            'webhook-signature': createStandardSigner(secret)({ id, timestamp, body }),
          }

          expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
        },
      ),
    )
  })

  it('signs the UTF-8 of the body', () => {
    const body = '{"user":"jürgen 🚀"}'
    const digest = createHmac('sha256', Buffer.alloc(32, 0x5a))
      .update(Buffer.from(`msg_1.1700000000.${body}`))
      .digest('base64')

    expect(createStandardSigner(secret)({ ...message, body })).toBe(`v1,${digest}`)
  })

  it.each([
    ['an empty id', { id: '' }, 'id'],
    ['an id with a full stop', { id: 'msg.1' }, 'id'],
    ['an id with a blank', { id: 'msg 1' }, 'id'],
    ['an id of other letters', { id: 'müller' }, 'id'],
    ['a long id', { id: 'm'.repeat(257) }, 'id'],
    ['no id', { id: undefined as unknown as string }, 'id'],
    ['a part of a second', { timestamp: 1.5 }, 'timestamp'],
    ['a time before 1970', { timestamp: -1 }, 'timestamp'],
    ['no time', { timestamp: Number.NaN }, 'timestamp'],
  ])('refuses %s', (_what, change, option) => {
    expect(() => createStandardSigner(secret)({ ...message, ...change })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option }),
    )
  })
})

describe('a secret of Standard Webhooks', () => {
  it.each([24, 32, 64])('has %i bytes', (bytes) => {
    expect(parseStandardSecret(`whsec_${base64(bytes)}`).key.symmetricKeySize).toBe(bytes)
    expect(parseStandardVerificationSecret(base64(bytes)).key.symmetricKeySize).toBe(bytes)
  })

  const hidden = base64(32)
  it.each([
    ['of 23 bytes', `whsec_${base64(23)}`, 'got 23'],
    ['of 65 bytes', `whsec_${base64(65)}`, 'got 65'],
    ['of nothing', 'whsec_', 'got 0'],
    ['without its padding', `whsec_${hidden.replace('=', '')}`, 'Expected base64'],
    ['with more padding', `whsec_${hidden}=`, 'Expected base64'],
    ['with a line break', `whsec_${hidden}\n`, 'Expected base64'],
    ['with a blank before it', ` whsec_${hidden}`, 'Expected base64'],
    ['in quotes', `"whsec_${hidden}"`, 'Expected base64'],
    ['in base64url', `whsec_${'-_'.repeat(21)}-8=`, 'Expected base64'],
    ['with stray bits', `whsec_${base64(31).replace('Wg==', 'Wh==')}`, 'Expected base64'],
    ['in plain words', 'Hasta la vista, baby.', 'Expected base64'],
    ['with the version before it', `v1,whsec_${hidden}`, 'Expected base64'],
  ])('is refused %s, at both sides, without being shown', (_what, text, expected) => {
    for (const parse of [parseStandardSecret, parseStandardVerificationSecret]) {
      const error = refusal(() => parse(text, 'hooks[2].secret'))
      expect(error).toMatchObject({ code: 'secret_invalid', option: 'hooks[2].secret' })
      expect(error.message).toContain(expected)
      expect(error.message).not.toContain(text)
      expect(error.message).not.toContain(hidden.slice(0, 8))
    }
  })

  it.each([
    ['undefined', undefined],
    ['an empty string', ''],
    ['the name of an unset variable', 'undefined'],
    ['an empty list', []],
  ])('is refused as %s', (_what, secret) => {
    expect(refusal(() => createStandardSigner(secret as string)).code).toBe('secret_invalid')
  })

  it('is named in a list', () => {
    expect(refusal(() => createStandardSigner([secret, 'whsec_x'], 'hooks[0].secret')).option).toBe(
      'hooks[0].secret[1]',
    )
    expect(refusal(() => createStandardSigner('whsec_x')).option).toBe('secret')
  })
})

describe('a key pair of Standard Webhooks', () => {
  it.each(ed25519)('belongs together as in $source', ({ seed, public: publicHex }) => {
    const bytes = Buffer.from(seed, 'hex')
    const publicBytes = Buffer.from(publicHex, 'hex')
    expect(ed25519PublicBytes(ed25519PrivateKey(bytes))).toEqual(publicBytes)

    const whole = `whsk_${Buffer.concat([bytes, publicBytes]).toString('base64')}`
    const alone = `whsk_${bytes.toString('base64')}`
    expect(createStandardSigner(alone)(message)).toBe(createStandardSigner(whole)(message))
  })

  it('is made anew each time, and its public key verifies what its private key signs', () => {
    const pairs = [createStandardKeyPair(), createStandardKeyPair()] as const
    expect(pairs[0]).not.toEqual(pairs[1])
    for (const { privateKey, publicKey } of pairs) {
      expect(privateKey).toMatch(/^whsk_[\w+/]{86}==$/u)
      expect(publicKey).toMatch(/^whpk_[\w+/]{43}=$/u)
      const [, signature = ''] = createStandardSigner(privateKey)(message).split(',')
      const { version, key } = parseStandardVerificationSecret(publicKey)
      expect(version).toBe('v1a')
      expect(verify(null, Buffer.from('msg_1.1700000000.{}'), key, Buffer.from(signature, 'base64'))).toBe(
        true,
      )
    }
  })

  it('is refused with another public key in it, and without it in part', () => {
    const [one, other] = [createStandardKeyPair(), createStandardKeyPair()]
    const seed = Buffer.from(one.privateKey.slice(5), 'base64').subarray(0, 32)
    const mixed = Buffer.concat([seed, Buffer.from(other.publicKey.slice(5), 'base64')])

    expect(refusal(() => parseStandardSecret(`whsk_${mixed.toString('base64')}`)).message).toContain(
      'another',
    )
    expect(refusal(() => parseStandardSecret(`whsk_${base64(48)}`)).message).toContain('got 48')
    expect(refusal(() => parseStandardVerificationSecret(`whpk_${base64(31)}`)).message).toContain('got 31')
    expect(refusal(() => parseStandardSecret('whsk_!')).message).toContain('Expected base64')
  })

  it('is refused the wrong way round', () => {
    const { privateKey, publicKey } = createStandardKeyPair()

    expect(refusal(() => parseStandardSecret(publicKey)).message).toContain('give the private key')
    const error = refusal(() => parseStandardVerificationSecret(privateKey))
    expect(error.message).toContain('it stays at the sender')
    expect(error.message).not.toContain(privateKey.slice(5, 20))
  })

  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('has no public key for which anybody can sign: %s', (hex) => {
    const bytes = Buffer.from(hex, 'hex')
    expect(
      refusal(() => parseStandardVerificationSecret(`whpk_${bytes.toString('base64')}`)).message,
    ).toContain('small order')
  })
})
