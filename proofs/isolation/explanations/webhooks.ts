import { createStandardKeyPair, createStandardSigner } from 'deploy-hooks'
import type { StandardRequest, StandardVerifierOptions } from 'deploy-hooks/verify'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { furtherSecrets, type Explained } from './deliveries.ts'
import { perhapsOdd } from './odd-values.ts'
import { lengthUpTo, oddText, type Made } from './text.ts'

const seconds = 1_700_000_000
const now = (): number => seconds * 1000
const mostSecrets = 1000
const longestBody = 17_000_000
const deepest = 2_000_000

const shared = Array.from(
  { length: mostSecrets },
  (_, index) => `whsec_${Buffer.alloc(32, String(index)).toString('base64')}`,
)
const pairs = Array.from({ length: 20 }, createStandardKeyPair)
const kinds = {
  shared,
  'public keys': pairs.map(({ publicKey }) => publicKey),
  'of both kinds': [...shared.slice(0, 10), ...pairs.map(({ publicKey }) => publicKey)],
} as const

/** A verifier that may have many secrets, and a document that nobody signed, as a rule. */
export function randomWebhook(chance: Chance): Made<Explained<StandardVerifierOptions, StandardRequest>> {
  const kind = chance.pick(['shared', 'shared', 'public keys', 'of both kinds'] as const)
  const secret = kinds[kind].slice(0, lengthUpTo(mostSecrets, chance))
  const body = perhapsWritten(chance)
  const headers = perhapsOdd({ value: headersFor(body.value, secret[0] ?? '', chance), like: '' }, 5, chance)
  const request = perhapsOdd(
    { value: { headers: headers.value, body: body.value }, like: body.like },
    5,
    chance,
  )
  const further = furtherSecrets(chance)
  return {
    value: { options: { secret, now }, request: request.value, further: further.value },
    like: `${secret.length} secrets, ${kind}; ${request.like}${headers.like}; ${further.like}`,
  }
}

/** As text, or as bytes. */
function perhapsWritten(chance: Chance): Made<string | Uint8Array> {
  const { value, like } = document(chance)
  return chance.percent(50) ? { value, like } : { value: Buffer.from(value), like: `bytes of ${like}` }
}

function document(chance: Chance): Made<string> {
  const most = chance.percent(95) ? 300_000 : longestBody
  const kind = chance.pick(['text', 'string', 'deep', 'wide', 'flat'] as const)
  if (kind === 'deep') {
    const depth = lengthUpTo(chance.percent(90) ? 100_000 : deepest, chance)
    const [open, close] = chance.pick([
      ['[', ']'],
      ['{"a":', '}'],
      ['[{"b":', '}]'],
      [' [', '\n]'],
    ] as const)
    return { value: `${open.repeat(depth)}1${close.repeat(depth)}`, like: `${open} to a depth of ${depth}` }
  }
  const { value, like } = oddText(most, chance)
  if (kind === 'text') return { value, like }
  if (kind === 'string') return { value: JSON.stringify({ type: 'x', value }), like: `a string of ${like}` }
  const item = kind === 'wide' ? '{"a":[1,{"b":"/é<"}]}' : '1.50'
  const count = Math.floor(lengthUpTo(most, chance) / item.length)
  return {
    value: `[${Array.from({ length: count }, () => item).join(', ')}]`,
    like: `${count} times ${item}`,
  }
}

function headersFor(
  body: string | Uint8Array,
  secret: string,
  chance: Chance,
): Readonly<Record<string, string>> {
  const isSigned = secret.startsWith('whsec_') && chance.percent(15)
  const text = chance.pick([String(body), `${String(body)}\n`])
  const signature = isSigned
    ? createStandardSigner(secret)({ id: 'msg_1', timestamp: seconds, body: text })
    : signatures(chance)
  return {
    'webhook-id': chance.percent(95) ? 'msg_1' : oddText(100_000, chance).value,
    'webhook-timestamp': chance.pick([
      String(seconds),
      String(seconds),
      `${seconds}000`,
      '1',
      oddText(1000, chance).value,
    ]),
    'webhook-signature': signature,
    ...(chance.percent(10) ? { 'x-filler': 'x'.repeat(lengthUpTo(1_000_000, chance)) } : {}),
  }
}

function signatures(chance: Chance): string {
  const kinds = [
    `v1,${Buffer.alloc(32, 9).toString('base64')}`,
    `v1a,${Buffer.alloc(64, 9).toString('base64')}`,
  ]
  const others = [Buffer.alloc(32, 8).toString('hex'), 'v2,x', oddText(5000, chance).value]
  return Array.from({ length: chance.between(1, 40) }, () =>
    chance.pick([...kinds, ...kinds, ...others]),
  ).join(' ')
}
