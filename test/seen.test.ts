import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { createHooks } from '../src/hooks/list.ts'
import * as undici from '../src/http/undici-transport.ts'
import * as main from '../src/index.ts'
import { migrate, migrationSql, postgresStore } from '../src/stores/postgres/index.ts'
import * as postgres from '../src/stores/postgres/index.ts'
import * as sqlite from '../src/stores/sqlite/index.ts'
import * as targets from '../src/targets/index.ts'
import * as testing from '../src/testing/index.ts'
import * as verify from '../src/verify/index.ts'
import { newLog, release } from './dispatch/started.ts'
import { startHttp, type Loopback } from './loopback.ts'
import { printedOf, seenOf } from './redaction/seen.ts'
import { newSchema } from './stores/postgres-fixture.ts'
import { temporaryFolder } from './stores/temporary.ts'
import { everyTarget } from './targets/every-target.ts'

const secret = 'sk1-s3cret-of-the-hook'
const whsec = `whsec_${Buffer.from('sk2-s3cret-of-standard-webhooks').toString('base64')}`
const { privateKey: whsk, publicKey } = main.createStandardKeyPair()
const url = 'https://hooks.example/deploy?token=sk3-s3cret-of-the-url'
const proxy = 'http://sk4-s3cret-user:sk5-s3cret-password@127.0.0.1:1'
const found = ['s3cret', whsec.slice(6, 30), whsk.slice(5, 30), new URL(inject('postgres')).password]

function expectUnseen(value: unknown): void {
  for (const text of seenOf(value)) for (const each of found) expect(text).not.toContain(each)
}

async function startEcho(): Promise<Loopback> {
  const server = await startHttp((request, response) => {
    response.writeHead(request.url?.includes('/401') === true ? 401 : 200)
    response.end(`${request.url} ${request.rawHeaders.join(' ')}`)
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

function optionsTo(origin: string, options: Partial<main.DispatcherOptions> = {}): main.DispatcherOptions {
  return {
    hooks: [
      { url: `${origin}/200?token=sk3-s3cret-of-the-url` },
      { url: `${origin}/401/sk6-s3cret-path`, secretPath: true },
      { url: `${origin}/200`, secret: [whsk, whsec], target: targets.standardWebhook() },
      { url: `${origin}/own`, target: targets.jsonPost({ secrets: { token: 'sk7-s3cret-token' } }) },
    ],
    secret,
    egress: { allow: ['127.0.0.0/8'] },
    retry: { delaysMs: [], refusedAttempts: 1 },
    logger: newLog(),
    ...options,
  }
}

/** Sends, and looks at all that it gives and at what was given to it. */
async function lookAtDispatcher(options: main.DispatcherOptions): Promise<void> {
  const dispatcher = main.createDispatcher(options)
  try {
    const looks: unknown[] = []
    for (const event of ['attempt', 'delivered', 'dead'] as const)
      dispatcher.on(event, (message) => void looks.push(message))
    const dispatch = await dispatcher.dispatch(release)
    looks.push(await dispatch.settled(), dispatch, await dispatcher.check(), dispatcher.hooks())
    for await (const delivery of dispatcher.deliveries())
      looks.push(delivery, await dispatcher.attempts(delivery.id))
    const replay = await dispatcher.replay({ state: 'dead' })
    looks.push(await replay.settled(), replay, dispatcher, options.store, options.transport)
    expect(looks.length).toBeGreaterThan(10)
    for (const look of looks) expectUnseen(look)
  } finally {
    await dispatcher.close()
  }
  expectUnseen(dispatcher)
}

/** Every function that the package gives out, and what is to be seen of what it gives. */
const looks: Readonly<Record<string, () => unknown>> = {
  createDispatcher: async () => lookAtDispatcher(optionsTo((await startEcho()).origin)),
  gotTransport: async () =>
    lookAtDispatcher(optionsTo((await startEcho()).origin, { transport: main.gotTransport() })),
  undiciTransport: async () =>
    lookAtDispatcher(optionsTo((await startEcho()).origin, { transport: undici.undiciTransport() })),
  memoryStore: async () =>
    lookAtDispatcher(optionsTo((await startEcho()).origin, { store: main.memoryStore() })),
  sqliteStore: async () => {
    await using folder = await temporaryFolder()
    await using store = sqlite.sqliteStore({ path: folder.file('hooks.db') })
    await lookAtDispatcher(optionsTo((await startEcho()).origin, { store }))
  },
  postgresStore: async () => {
    await using store = postgresStore({ connectionString: inject('postgres'), schema: newSchema() })
    await lookAtDispatcher(optionsTo((await startEcho()).origin, { store }))
    expectUnseen(store)
  },
  migrate: async () =>
    expectUnseen(await migrate({ connectionString: inject('postgres'), schema: newSchema() })),
  migrationSql: async () => expectUnseen(await migrationSql()),
  createEgressGuard: () => {
    const guard = main.createEgressGuard({ proxy })
    expectUnseen(guard)
    expectUnseen(guard.refusesUrl(new URL('http://10.0.0.1')))
  },
  hooksFromEnv: () => {
    const read = main.hooksFromEnv({ DEPLOY_HOOK_URLS: url, DEPLOY_HOOK_SECRET_KEY: secret })
    // Options have to be copied as they are, so that it hides nothing from who looks inside.
    expect(printedOf(read).join('')).toContain('[masked]')
    for (const text of printedOf(read)) expect(text).not.toContain('s3cret')
    expect(main.createDispatcher({ ...read, workers: false }).hooks()).toHaveLength(1)
  },
  createStandardSigner: () => expectUnseen(main.createStandardSigner([whsec, whsk])),
  createVerifier: () => {
    const verifier = verify.createVerifier({ url, secret: [secret, `${secret}-old`] })
    expectUnseen(verifier)
    const request = { method: 'POST', url: '/deploy?app=a', headers: { authorization: 'a'.repeat(64) } }
    expectUnseen(verifier.safeVerify(request))
    expectUnseen(verifier.explain(request))
  },
  createReceiver: () => {
    const verifier = verify.createVerifier({ url, secret })
    expectUnseen(verify.createReceiver({ verifier, onRelease: () => undefined }))
  },
  createStandardVerifier: () => {
    const verifier = verify.createStandardVerifier({ secret: [whsec, publicKey] })
    expectUnseen(verifier)
    const headers = { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' }
    expectUnseen(verifier.safeVerify({ headers, body: '{}' }))
    expectUnseen(verifier.explain({ headers, body: '{}' }))
  },
  createStandardReceiver: () => {
    const verifier = verify.createStandardVerifier({ secret: whsec })
    expectUnseen(verify.createStandardReceiver({ verifier, onDelivery: () => undefined }))
  },
  startFaultProxy: async () => {
    await using server = await testing.startFaultProxy()
    expectUnseen(server)
  },
}

/** They give what they are asked for: a signature, a URL, a key; or have nothing to do with secrets. */
const asked: ReadonlySet<string> = new Set([
  'signUrl',
  'releaseUrl',
  'createStandardKeyPair',
  'parseRelease',
  'messageOfCode',
  'parseHook', // what it was given
  'startPlatform', // tokens that are made up
  'storeConformance',
  'triggersConformance',
  'transportConformance',
])

describe('what is looked at, printed, serialised, copied or walked through', () => {
  it.each(Object.entries(looks))('shows no secret: what %s gives', async (_, look) => {
    await look()
  })

  it('is all that the package gives out', () => {
    const entries = { ...main, ...verify, ...postgres, ...sqlite, ...undici, ...testing }
    const functions = Object.entries(entries).filter(
      ([name, value]) =>
        typeof value === 'function' &&
        !/^class\b/u.test(Function.prototype.toString.call(value)) &&
        !asked.has(name),
    )
    expect(functions.map(([name]) => name).toSorted()).toEqual(Object.keys(looks).toSorted())
  })

  it('shows no secret of a hook, as the library has it', () => {
    const hooks = createHooks({ ...optionsTo('https://hooks.example'), egress: { proxy } }, newLog())
    for (const text of hooks.flatMap(printedOf)) for (const each of found) expect(text).not.toContain(each)
    for (const [name, hook] of Object.entries(everyTarget('https://hooks.example'))) {
      const [made] = createHooks({ hooks: [hook] }, newLog())
      expect(`${name} ${JSON.stringify(made)}`).toBe(
        `${name} ${JSON.stringify({ id: made?.id, url: made?.shown })}`,
      )
    }
  })
})

describe('a look', () => {
  class Holder {
    readonly #kept: string
    constructor(kept: string) {
      this.#kept = kept
    }
    get length(): number {
      return this.#kept.length
    }
  }
  const cause = new Error('outer', { cause: new Error('s3cret') })

  it.each([
    ['a property', { key: { key: ['s3cret'] } }],
    ['the name of one', { s3cret: true }],
    ['one that is not enumerable', Object.defineProperty({}, 'key', { value: 's3cret' })],
    [
      'one that is read',
      {
        get key() {
          return 's3cret'
        },
      },
    ],
    ['one under a symbol', { [Symbol('key')]: 's3cret' }],
    ['a symbol', { [Symbol('s3cret')]: 1 }],
    ['a map', new Map([['key', new Set(['s3cret'])]])],
    ['bytes', { key: Buffer.from('a s3cret') }],
    ['the source of a function', () => 's3cret'],
    ['what is inherited', Object.create({ key: 's3cret' })],
    ['a URL', new URL('http://user:s3cret@host')],
    ['a cause of an error', cause],
    [
      'what hides it from printing alone',
      { [Symbol.for('nodejs.util.inspect.custom')]: () => '', key: 's3cret' },
    ],
  ])('sees a secret in %s', (_, value: unknown) => {
    expect(seenOf(value).join('')).toContain('s3cret')
  })

  it('sees none in what is private', () => {
    const kept = ['s3', 'cret'].join('')
    expect(seenOf(new Holder(kept)).join('')).not.toContain('s3cret')
    expect(seenOf(() => kept).join('')).not.toContain('s3cret')
  })
})
