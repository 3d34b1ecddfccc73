import { describe, expect, it, onTestFinished } from 'vitest'
import { createDispatcher, releaseUrl, type HookOptions } from '../../src/index.ts'
import { jsonPost } from '../../src/targets/index.ts'
import { createVerifier } from '../../src/verify/index.ts'
import { startHttp } from '../loopback.ts'
import { newLog, secret } from './started.ts'

interface Got {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A real server, with the limits that Node.js has. */
async function startReceiver(): Promise<{ readonly origin: string; readonly got: Got[] }> {
  const got: Got[] = []
  const server = await startHttp((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { url = '', headers } = request
      got.push({ url, headers: headers as Got['headers'], body: Buffer.concat(pieces).toString() })
      response.writeHead(204).end()
    })
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { origin: server.origin, got }
}

const japanese = '部署しました。'.repeat(300)
const added = `gabrtv added ${Array.from({ length: 5000 }, (_, index) => `SETTING_${index}`).join(', ')}`

async function dispatchTo(hook: HookOptions, facts: { app?: string; summary: string }) {
  const log = newLog()
  const dispatcher = createDispatcher({
    hooks: [hook],
    secret,
    egress: { allow: ['127.0.0.1'] },
    logger: log,
  })
  onTestFinished(() => dispatcher.close())
  const dispatch = await dispatcher.dispatch({ app: 'web', version: 4, user: 'gabrtv', ...facts })
  const [settled] = await dispatch.settled()
  return { log, dispatcher, recorded: dispatch.deliveries[0], settled }
}

describe.each(['native', 'deis'] as const)('a summary that is too long for a URL (%s)', (dialect) => {
  it.each([
    ['2,100 characters of Japanese', japanese],
    ['what Deis writes of 5,000 settings', added],
    ['half a character, and NUL', '\uD83D and \0'],
  ])('reaches a server of Node.js, and is verified there: %s', async (_, summary) => {
    const { origin, got } = await startReceiver()
    const url = `${origin}/hook`
    const { settled } = await dispatchTo({ url, dialect }, { summary })
    expect(settled?.state).toBe('delivered')
    const [{ url: target, headers } = { url: '', headers: {} }] = got
    expect(`POST ${target} HTTP/1.1\r\n`.length).toBeLessThan(8000)
    const { release } = createVerifier({ url, secret }).verify({ url: target, headers })
    const whole = summary.toWellFormed().replaceAll('\0', '\u{FFFD}')
    expect(whole.startsWith(release.summary.replace(/…$/u, ''))).toBe(true)
  })
})

describe('a delivery whose summary was cut', () => {
  it('says so wherever it is told of, and keeps all of it', async () => {
    const { origin } = await startReceiver()
    const { dispatcher, recorded, settled } = await dispatchTo({ url: origin }, { summary: japanese })
    expect(recorded).toMatchObject({ summaryCut: true, release: { summary: japanese } })
    expect(settled).toMatchObject({ summaryCut: true })
    for await (const delivery of dispatcher.deliveries()) expect(delivery.summaryCut).toBe(true)
    const replay = await dispatcher.replay(settled?.id ?? '')
    expect(await replay.settled()).toMatchObject([{ state: 'delivered', summaryCut: true }])
  })

  it.each([
    ['its hook has a long URL', `/${'p'.repeat(3900)}`],
    ['its app has a long name there', '/'],
  ])('says so of a short summary too, where %s', async (_, path) => {
    const { origin, got } = await startReceiver()
    const url = `${origin}${path}`
    const summary = 'y'.repeat(99)
    const without = releaseUrl(url, { app: 'a', version: 4, user: 'gabrtv', summary: '' })
    const app = '日'.repeat((7930 - without.length) / '%E6%97%A5'.length) // there is room for fifty more bytes
    const { settled, recorded } = await dispatchTo({ url }, { app, summary })
    expect(settled).toMatchObject({ state: 'delivered', summaryCut: true })
    expect(recorded).toMatchObject({ summaryCut: true })
    expect(got[0]?.url).not.toContain(summary)
  })

  it('does not say so when the URL has all of it, or a body does', async () => {
    const { origin, got } = await startReceiver()
    const short = await dispatchTo({ url: origin }, { summary: 'gabrtv deployed 35b3726' })
    expect(short.settled).not.toHaveProperty('summaryCut')
    const inBody = await dispatchTo({ url: origin, target: jsonPost() }, { summary: added })
    expect(inBody.settled).toMatchObject({ state: 'delivered' })
    expect(inBody.settled).not.toHaveProperty('summaryCut')
    expect(JSON.parse(got[1]?.body ?? '')).toMatchObject({ summary: inBody.settled?.release.summary })
    expect(added.startsWith(inBody.settled?.release.summary.slice(0, -1) ?? '-')).toBe(true)
  })
})

describe('a release that fits in no URL', () => {
  it('is dead at once, with a log line of the sizes, and nothing was sent', async () => {
    const { origin, got } = await startReceiver()
    const url = `${origin}/?token=planted-secret`
    const { log, settled } = await dispatchTo({ url }, { app: '日'.repeat(900), summary: 's' })
    expect(settled).toMatchObject({
      state: 'dead',
      attempts: 0,
      outcome: { reason: 'url-too-long', verdict: 'url-too-long' },
    })
    expect(got).toEqual([])
    const said = JSON.stringify(log.lines)
    expect(said).toMatch(/app 8104/u)
    expect(said).not.toContain('planted')
  })
})
