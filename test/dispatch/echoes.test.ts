import { describe, expect, it } from 'vitest'
import type { HookOptions, HookSettings } from '../../src/hooks/options.ts'
import { createStandardKeyPair } from '../../src/index.ts'
import { discord, defineTarget, standardWebhook } from '../../src/targets/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'

const retry = { delaysMs: [], refusedAttempts: 1 }
const egress = { allow: ['one.example', 'discord.com'] }

/** All that is told of a delivery, whose receiver answers by what it got. */
async function toldOf(
  hook: HookOptions,
  say: (headers: Readonly<Record<string, string>>) => string,
): Promise<string> {
  const log = newLog()
  const transport = fakeTransport(({ headers }) => answer(400, undefined, say(headers)))
  const dispatcher = start(transport, { hooks: [hook], egress, retry, logger: log })
  const told: unknown[] = []
  for (const event of ['attempt', 'dead'] as const) dispatcher.on(event, (message) => told.push(message))
  const [delivery] = await (await dispatcher.dispatch(release)).settled()
  const attempts = await dispatcher.attempts(delivery?.id ?? '')
  expect(attempts).toHaveLength(1)
  return JSON.stringify([told, delivery, attempts, log.lines])
}

describe('a signature of Standard Webhooks', () => {
  const { privateKey } = createStandardKeyPair()
  const secret = [`whsec_${Buffer.alloc(32, 0xfb).toString('base64')}`, privateKey]
  const json = (value: unknown): string => JSON.stringify(value)
  const html = (text: string): string => text.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;')

  it.each<[how: string, echo: (header: string, each: readonly string[]) => string]>([
    ['as the header has it', (header) => header],
    ['alone', (_, [one = '']) => `v1,${one}`],
    ['as the second of two', (_, [, other = '']) => other],
    ['without its version', (_, [one = '']) => `expected ${one}`],
    ['in JSON', (header) => json({ headers: json({ 'webhook-signature': header }) })],
    ['as PHP writes JSON', (header) => json(header).replaceAll('/', '\\/')],
    ['as a form encodes it', (header) => new URLSearchParams({ signature: header }).toString()],
    ['as a form that was not encoded is read', (_, [one = '']) => one.replaceAll('+', ' ')],
    ['percent-encoded', (_, [one = '']) => encodeURIComponent(one)],
    ['in base64', (header) => Buffer.from(`sig: ${header}`).toString('base64')],
    [
      'in base64url, and without padding',
      (_, [one = '']) => Buffer.from(one, 'base64').toString('base64url'),
    ],
    ['in hexadecimal', (header) => Buffer.from(header).toString('hex')],
    ['in HTML', (header) => `<p>${html(header)}</p>`],
    ['in a long line', (header) => `${'a line of words '.repeat(100)}${header}`],
    ['cut off at the end of what is kept', (_, [one = '']) => `${'.'.repeat(4076)}${one}${'.'.repeat(99)}`],
  ])('is masked %s', async (_, echo) => {
    let header = ''
    const url = 'http://one.example/'
    const told = await toldOf({ url, secret, target: standardWebhook() }, (headers) => {
      header = headers['webhook-signature'] ?? ''
      return echo(
        header,
        header.split(' ').map((one) => one.slice(one.indexOf(',') + 1)),
      )
    })
    const signatures = header.split(' ').map((one) => one.slice(one.indexOf(',') + 1))
    expect(signatures.map(({ length }) => length)).toEqual([44, 88])
    expect(told).toContain('[masked]')
    // What base64 and hexadecimal make of a part of one is not looked for here, but the least part of each is.
    const spelled = (text: string): readonly string[] => [
      text,
      encodeURIComponent(text),
      Buffer.from(text).toString('base64'),
      Buffer.from(text).toString('hex'),
    ]
    for (const signature of signatures)
      for (let at = 0; at + 12 <= signature.length; at += 12)
        for (const part of spelled(signature.slice(at, at + 12))) expect(told).not.toContain(part)
  })
})

describe('a signature in hexadecimal', () => {
  const hub = defineTarget({
    name: 'hub',
    repeat: 'duplicates',
    requests: [{ sign: 'hub-sha256', body: { json: {} } }],
  })

  it.each<[of: string, hook: Pick<HookOptions, 'target'> & HookSettings, size: number]>([
    ['SHA-256', {}, 64],
    ['SHA-1', { algorithm: 'sha1' }, 40],
    ['GitHub', { target: hub }, 64],
  ])('of %s is masked, alone, in its header, escaped, encoded and in any case', async (_, hook, size) => {
    const echoes: readonly ((signature: string) => string)[] = [
      (signature) => signature,
      (signature) => signature.toUpperCase(),
      (signature) => JSON.stringify({ headers: { 'x-hub-signature-256': `sha256=${signature}` } }),
      (signature) => Buffer.from(signature).toString('base64'),
      (signature) => Buffer.from(signature).toString('hex').replaceAll(/../gu, '%$&'),
    ]
    for (const echo of echoes) {
      let signature = ''
      const told = await toldOf(
        { url: 'http://one.example/', secret: 's3cret-s3cret', ...hook },
        (headers) => {
          signature =
            headers['authorization'] ?? headers['x-hub-signature-256']?.slice('sha256='.length) ?? ''
          return echo(signature)
        },
      )
      expect(signature).toHaveLength(size)
      expect(told).toContain('[masked]')
      for (const at of [0, size - 8])
        expect(told.toLowerCase()).not.toContain(
          echo(signature.slice(at, at + 8))
            .slice(0, 8)
            .toLowerCase(),
        )
    }
  })
})

describe("a receiver's own words", () => {
  it('are shown, though they stand in the URL of the hook', async () => {
    const url = 'https://discord.com/api/webhooks/1234567890123456789/aB3dE-f_6hIjKlMnOpQrStUvWxYz'
    const said = 'Unknown Webhook: see the webhooks of this channel'
    const told = await toldOf({ url, target: discord() }, () =>
      JSON.stringify({ message: said, code: 10015 }),
    )
    expect(told).toContain(said)
    expect(told).not.toContain('[masked]')
  })

  it('are masked where they hold the token', async () => {
    const url = 'https://discord.com/api/webhooks/1234567890123456789/aB3dE-f_6hIjKlMnOpQrStUvWxYz'
    const told = await toldOf({ url, target: discord() }, () =>
      JSON.stringify({ message: `no such ${url}`, code: 1 }),
    )
    expect(told).toContain('no such https://discord.com[masked]')
    expect(told).not.toContain('aB3dE')
  })
})

describe('an answer that is made to cost much', () => {
  it.each([
    ['41 characters of quotes', '?a=' + '\\"'.repeat(14) + 'x', '\\\\"'.repeat(33) + 'yz'],
    ['1,340 backspaces', `?a=${'%08'.repeat(1340)}`, '\\b'.repeat(32_000)],
    [
      '500 values of backslashes',
      `?${Array.from({ length: 500 }, (_, index) => `a=${'\\'.repeat(4 + (index % 3))}`)
        .join('&')
        .slice(0, 4000)}`,
      '\\'.repeat(65_536),
    ],
    ['a value of 3,000 ampersands in percent', `?a=${'%26'.repeat(1300)}tail`, '&amp;'.repeat(13_000)],
    ['one word again and again', `?a=${'a'.repeat(4000)}b`, 'a'.repeat(65_536)],
  ])('is recorded: %s', async (_, query, said) => {
    const told = await toldOf({ url: `http://one.example/${query}` }, () => said)
    expect(told).toContain('"status":400')
    expect(told).not.toContain(query.slice(3))
  })
})

describe('what a target throws', () => {
  const target = (thrown: unknown): HookOptions => ({
    url: 'http://one.example/?key=s3cret-t0ken',
    target: defineTarget({
      name: 'throws',
      secrets: { token: 'tok-123456' },
      repeat: 'duplicates',
      requests: [
        {
          body: () => {
            throw thrown
          },
        },
      ],
    }),
  })

  it('is logged without its secrets, 4 KiB of it at most', async () => {
    const log = newLog()
    const error = new Error(`tok-123456 ${'.'.repeat(100_000)} s3cret-t0ken`)
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks: [target(error)], logger: log },
    )
    await (await dispatcher.dispatch(release)).settled()
    expect(log.lines.join('')).toContain('Error: [masked] ...')
    expect(log.lines.join('').length).toBeLessThan(10_000)
  })

  it('is logged without the start of a secret where it is cut off', async () => {
    for (const secret of ['tok-123456', 's3cret-t0ken']) {
      const log = newLog()
      const dispatcher = start(
        fakeTransport(() => answer(200)),
        { hooks: [target(`${'.'.repeat(3992)}${secret}`)], logger: log },
      )
      await (await dispatcher.dispatch(release)).settled()
      expect(log.lines.join('')).toContain('.[masked]')
      expect(log.lines.join('')).not.toContain(secret.slice(0, 4))
    }
  })

  it('is logged without the signature of the request, when it reads the answer', async () => {
    const log = newLog()
    let signature = ''
    const transport = fakeTransport(({ headers }) => {
      signature = headers['authorization'] ?? ''
      return answer(200, undefined, `expected ${signature}`)
    })
    const read = defineTarget({
      name: 'reads',
      repeat: 'duplicates',
      requests: [
        {
          sign: 'url',
          query: 'release',
          isAccepted: ({ text }) => {
            throw new Error(text)
          },
        },
      ],
    })
    const hooks = [{ url: 'http://one.example/', secret: 's3cret-t0ken', target: read }]
    const dispatcher = start(transport, { hooks, logger: log, retry })
    await (await dispatcher.dispatch(release)).settled()
    expect(signature).toHaveLength(64)
    expect(log.lines.join('')).toContain('Error: expected [masked]')
    expect(log.lines.join('')).not.toContain(signature.slice(0, 8))
  })

  it('may be something of which no text can be made', async () => {
    const log = newLog()
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks: [target(Object.create(null))], logger: log },
    )
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery?.outcome).toMatchObject({ reason: 'unrenderable' })
    expect(log.lines.join('')).toContain('that has no text')
  })
})

describe('the secrets of a hook', () => {
  it('are 30 at most, and as many of its target', () => {
    const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `s3cret-${index}`)
    const hooked = (own: Pick<HookOptions, 'target'> & HookSettings) => () =>
      start(
        fakeTransport(() => answer(200)),
        { hooks: [{ url: 'http://one.example/', ...own }] },
      )
    const target = (count: number) =>
      defineTarget({
        name: 'many',
        secrets: Object.fromEntries(many(count).map((each) => [each, each])),
        repeat: 'duplicates',
        requests: [{}],
      })
    expect(hooked({ secret: many(30) })).not.toThrow()
    expect(hooked({ secret: many(31) })).toThrow(
      expect.objectContaining({ code: 'secret_invalid', option: 'hooks[0].secret' }),
    )
    expect(hooked({ target: target(30) })).not.toThrow()
    expect(hooked({ target: target(31) })).toThrow(
      expect.objectContaining({ code: 'secret_invalid', option: 'hooks[0].target.secrets' }),
    )
  })
})
