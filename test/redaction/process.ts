/*
 * A platform whose configuration is full of secrets, and whose receivers tell all they know. It prints nothing itself: what it hears from
 * the library goes to files in the folder that it is given.
 */
import { generateKeyPairSync } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import {
  createDispatcher,
  createEgressGuard,
  gotTransport,
  hooksFromEnv,
  type Dispatcher,
  type DispatcherEvents,
  type DispatcherOptions,
  type HookOptions,
} from '../../src/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { defineTarget, standardWebhook, type Target } from '../../src/targets/index.ts'
import { freePort } from '../loopback.ts'
import { everyTarget } from '../targets/every-target.ts'
import { recorded } from '../traces/instrumented.ts'
import { plant, planted } from './marks.ts'
import { answering, authority, received, shared, signatures, startReceivers } from './receivers.ts'
import { explainAll } from './explaining.ts'
import { makeMistakes } from './refusals.ts'
import { show, tell, toldLines } from './told.ts'

const [, , kind = '', folder = '', connectionString = '', schema = ''] = process.argv
const encoded = (place: string): string => encodeURIComponent(plant(place))
const cutAnswers = 4 * 24

const events = [
  'attempt',
  'accepted',
  'delivered',
  'retrying',
  'dead',
  'breaker',
  'hook-failing',
  'hook-disabled',
  'hook-enabled',
] as const satisfies readonly (keyof DispatcherEvents)[]

for (const name of events)
  channel(`deploy-hooks:${name}`).subscribe((message) => tell(`channel ${name}`, message))

const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: {
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: plant('passphrase of a key'),
  },
})
const tls = { ca: authority, key: privateKey, passphrase: plant('passphrase of a key') }
const alive = setInterval(() => undefined, 1000)
const ports = await startReceivers()
const database = join(folder, 'store.db')
const sqlite = sqliteStore({ path: database })
const postgres = postgresStore({ connectionString, schema })
const receivers = `http://127.0.0.1:${ports.http}`

const secrets = [plant('secret'), plant('older secret')]
const own = [plant('secret of a hook'), plant('older secret of a hook')]
const standard = [
  `whsec_${Buffer.from(plant('secret of Standard Webhooks').padEnd(32, '.')).toString('base64')}`,
  `whsk_${Buffer.from(plant('private key of Standard Webhooks', 'plain').padEnd(32, '.').slice(0, 32)).toString('base64')}`,
]
for (const first of ['services', 'plain', 'cut', 'parameters']) shared.set(first, secrets)
shared.set('own', own)
shared.set('standard', standard)

const common: DispatcherOptions = {
  hooks: [],
  secret: secrets,
  egress: { allow: ['127.0.0.0/8'] },
  retry: {
    delaysMs: [1, 1],
    refusedAttempts: 2,
    connect: { retries: 1, minTimeout: 1, maxTimeout: 1, factor: 1 },
  },
  breaker: false,
}

/** Dispatches, and tells all that there is to hear of it, to read and to look at. */
async function run(
  name: string,
  options: DispatcherOptions,
  send: (dispatcher: Dispatcher) => AsyncIterable<readonly { readonly settled: () => Promise<unknown> }[]>,
): Promise<void> {
  const transport = kind === 'undici' ? undiciTransport() : gotTransport()
  const dispatcher = createDispatcher({ ...common, ...options, transport })
  for (const event of events) dispatcher.on(event, (message) => tell(`event ${event}`, message))
  show('check', await dispatcher.check())
  for await (const dispatched of send(dispatcher)) {
    for (const dispatch of dispatched) {
      tell('settled', await dispatch.settled())
      show('dispatch', dispatch)
    }
  }
  for (const { id } of dispatcher.hooks()) {
    await dispatcher.disable(id)
    await dispatcher.enable(id)
  }
  show('hooks', dispatcher.hooks())
  show('counts', await dispatcher.counts())
  for await (const delivery of dispatcher.deliveries()) {
    tell('delivery', delivery)
    tell('attempts', await dispatcher.attempts(delivery.id))
  }
  await misuse(dispatcher, options)
  const looked = { dispatcher, transport, store: options.store }
  show(name, looked)
  // What is in its log at this time stands in no file later.
  for (const end of ['', '-wal', '-shm'])
    if (existsSync(database + end)) copyFileSync(database + end, join(folder, `${name}.copy${end}`))
  await dispatcher.close()
  show(`${name}, closed`, looked)
}

async function misuse(dispatcher: Dispatcher, { hooks }: DispatcherOptions): Promise<void> {
  for (const hook of hooks.slice(0, 2)) {
    const url = typeof hook === 'string' ? hook : (hook.url ?? '')
    const asked = [
      () => dispatcher.replay(url),
      () => dispatcher.replay({ hook: url }),
      () => dispatcher.enable(url),
    ]
    for (const ask of asked) show('misuse', await ask().catch((error: unknown) => error))
  }
}

/** Releases of apps, so many of each. */
function releases(apps: Readonly<Record<string, number>>): Parameters<typeof run>[2] {
  return async function* (dispatcher) {
    for (const [app, count] of Object.entries(apps)) {
      const dispatched = []
      for (let version = 1; version <= count; version += 1)
        dispatched.push(await dispatcher.dispatch({ app, version, user: 'ci' }))
      yield dispatched
    }
  }
}

const path = `services/T000/${encoded('path of a URL')}`
const token = encoded('parameter of a URL')
const at = (origin: string, last: string | number): string => `${origin}/${path}/${last}?token=${token}`
const hook = (
  url: string,
  apps: readonly string[],
): { url: string; apps: readonly string[]; secretPath: true } => ({ url, apps, secretPath: true })

await run(
  'direct',
  {
    ...common,
    store: sqlite,
    egress: {
      allow: ['127.0.0.0/8'],
      lookup: (name, _options, callback) =>
        callback(
          Object.assign(new Error(`${name} ${plant('error of a look-up')}`), { code: 'ENOTFOUND' }),
          [],
        ),
    },
    hooks: [
      ...[200, 302, 401, 410, 500].map((status) => hook(at(receivers, status), ['web'])),
      { ...hook(at(`https://127.0.0.1:${ports.https}`, 401), ['web']), tls },
      { ...hook(at(receivers, 401), ['web']), id: 'deis', dialect: 'deis', algorithm: 'sha1' },
      {
        ...hook(at(receivers, 500), ['web']),
        id: 'breaking',
        breaker: { minimum: 2, openMs: 10, maxOpenMs: 10 },
      },
      { ...hook(at(receivers, 500), ['web']), id: 'failing', disableAfterMs: 200 },
      {
        url: `${receivers}/plain/401?${encoded('parameter without a name')}&${encoded('another, with an end')}=`,
        apps: ['web'],
      },
      hook(`${receivers}/${encoded('path of one segment')}/401?a=1`, ['web']),
      { url: `${receivers}/own/401?key=${encoded('parameter of a hook')}`, apps: ['web'], secret: own },
      ...[401, 500].map((status) => ({
        url: `${receivers}/standard/${status}?release=v1`,
        apps: ['web'],
        secret: standard,
        target: standardWebhook(),
      })),
      hook(at(`http://127.0.0.1:${await freePort()}`, 200), ['web']),
      hook(at('http://169.254.169.254', 200), ['web']),
      hook(at('https://10.0.0.1', 200), ['web']),
      hook(at('https://no-such-name.invalid', 200), ['web']),
      {
        ...hook(`${receivers}/cut/${encoded('path of a URL')}/200?token=${token}`, ['cut']),
        concurrency: 16,
      },
    ],
  },
  releases({ web: 3, cut: cutAnswers }),
)

const proxyUrl = `http://${encoded('user of a proxy')}:${encoded('password of a proxy')}@127.0.0.1:${ports.proxy}`
await run(
  'proxied',
  {
    ...common,
    store: sqlite,
    egress: { proxy: proxyUrl },
    hooks: [
      ...[200, 401, 500].map((status) => hook(at('http://receiver.example', status), ['api'])),
      hook(at('http://127.0.0.1', 200), ['api']),
    ],
  },
  releases({ api: 3 }),
)

/** A target that throws what it knows, and what it reads. */
function throwing(name: string, status: number, request: Partial<Target['requests'][0]>): HookOptions {
  const token = plant('secret of a target that throws')
  const target = defineTarget({
    name,
    secrets: { token },
    repeat: 'duplicates',
    requests: [{ sign: 'url', query: 'release', headers: { 'x-token': token }, ...request }],
  })
  return { ...hook(at(receivers, status), ['thrown']), id: name, target }
}
const refuse = (text: string): never => {
  throw new Error(`Expected another answer than ${text}`)
}
await run(
  'throwing',
  {
    ...common,
    store: sqlite,
    hooks: [
      throwing('throws-when-accepted', 200, { isAccepted: ({ text }) => refuse(text) }),
      throwing('throws-when-refused', 401, { error: ({ text }) => refuse(text) }),
      throwing('throws-before', 200, { body: ({ secrets }) => refuse(secrets['token'] ?? '') }),
    ],
  },
  releases({ thrown: 2 }),
)

/** As it is, asking a few times how it went. */
function impatient(target: Target): Target {
  return target.poll === undefined ? target : { ...target, poll: { ...target.poll, everyMs: 5, untilMs: 40 } }
}

const base = `${receivers}/targets/${encoded('base of a request')}?key=${encoded('parameter of the base of a request')}`
const ownTarget = defineTarget({
  name: 'own',
  url: `${receivers}/targets?own=${encoded('parameter of the URL of a target')}`,
  secrets: {
    header: plant('header of a target'),
    segment: plant('segment of a target'),
    query: plant('parameter of a target'),
    body: plant('body of a target'),
    base: plant('base of a request'),
  },
  repeat: 'duplicates',
  requests: [
    {
      path: [plant('segment of a target')],
      query: { key: plant('parameter of a target') },
      headers: { 'x-key': plant('header of a target') },
      body: { json: { key: plant('body of a target') } },
      id: '/id',
      url: '/url',
      error: '/error',
    },
    { base: base as 'http://', id: '/id', url: '/url', error: '/error' },
  ],
})
const undeclared = defineTarget({
  name: 'undeclared',
  repeat: 'duplicates',
  requests: [
    {
      path: [plant('segment that is not declared')],
      query: { key: plant('parameter that is not declared') },
      headers: { authorization: plant('header that is not declared') },
      body: { text: plant('body that is not declared') },
      base: `https://api.example/?key=${encoded('base that is not declared')}`,
    },
  ],
})
show('target', undeclared)
show('target', ownTarget)

const targets = Object.entries<HookOptions>({
  ...everyTarget(receivers, (place, name) => plant(`${place} of ${name}`)),
  own: { target: ownTarget },
})
for (const [name, hook] of targets) {
  show(`target ${name}`, hook.target)
  shared.set(name, [hook.secret ?? []].flat())
}
const answers = [
  ...[200, 404, 202, 201, 500, 308].map((status) => ({ status, isText: false })),
  ...[404, 200].map((status) => ({ status, isText: true })),
]
for (const [name, store, rounds] of [
  ['sqlite', sqlite, answers],
  ['postgres', postgres, answers.slice(0, 3)],
] as const) {
  await run(
    `targets in ${name}`,
    {
      ...common,
      store,
      concurrency: { perHook: 4 },
      hooks: targets.map(([id, given]) => ({
        ...given,
        id,
        target: given.target && impatient(given.target),
        pace: { perSecond: 1000 },
        secretPath: true,
        ...(given.target?.poll === undefined ? undefined : { waitFor: 'finished' as const }),
      })) as HookOptions[],
    },
    async function* (dispatcher) {
      for (const [index, answer] of rounds.entries()) {
        Object.assign(answering, answer)
        const dispatch = await dispatcher.dispatch({
          app: 'shop',
          version: index + 1,
          user: 'ci',
          sha: 'c0ffee0',
        })
        await dispatch.settled()
        yield [dispatch]
      }
    },
  )
}

for (const [prefix, family] of [
  ['DEPLOY_HOOK', 'this library'],
  ['DEIS_DEPLOY_HOOK', 'Deis'],
] as const) {
  const read = hooksFromEnv({
    [`${prefix}_URLS`]: `https://a.example/?key=${encoded(`URL in the environment of ${family}`)}, ,https://b.example`,
    [`${prefix}_SECRET_KEY`]: plant(`secret in the environment of ${family}`),
  })
  tell('environment', read)
  const dispatcher = createDispatcher({ ...read, workers: false })
  show('dispatcher of the environment', [dispatcher, dispatcher.hooks()])
  await dispatcher.close()
}
const guard = createEgressGuard({ proxy: proxyUrl })
show('guard', [guard, guard.refusesUrl(new URL('http://10.0.0.1'))])
await explainAll(show)
await (await fetch(`${receivers}/of-the-host`)).text()
// Before the mistakes: which name a driver looks a database up by is the host's to trace.
const traces = await recorded()
const { taken, refused } = await makeMistakes(privateKey, show)

await Promise.all([sqlite.close(), postgres.close()])
clearInterval(alive)
const keyLines = privateKey.split('\n').filter((line) => line.length === 64)
writeFileSync(join(folder, 'told.txt'), toldLines())
writeFileSync(join(folder, 'traces.json'), JSON.stringify(traces))
writeFileSync(join(folder, 'received.txt'), received.join('\n'))
writeFileSync(
  join(folder, 'secrets.json'),
  JSON.stringify({
    planted: [...planted],
    signatures: [...signatures],
    keyLines,
    taken,
    refused,
    targets: targets.map(([name]) => name),
  }),
)
