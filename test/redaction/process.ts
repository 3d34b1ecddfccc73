/*
 * A platform whose configuration is full of secrets, and whose receivers tell all they know. It prints nothing itself: what it hears from
 * the library goes to files in the folder that it is given.
 */
import { generateKeyPairSync } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import {
  createDispatcher,
  createEgressGuard,
  gotTransport,
  type Dispatcher,
  type DispatcherEvents,
  type DispatcherOptions,
} from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { freePort } from '../loopback.ts'
import { marks } from './marks.ts'
import { authority, received, signatures, startReceivers } from './receivers.ts'

const [, , kind = '', folder = ''] = process.argv
const told: string[] = []
const token = encodeURIComponent(marks.token)
const path = `services/T000/${encodeURIComponent(marks.path)}`
const proxyPassword = encodeURIComponent(marks.proxy)
const cutAnswers = 4 * 24

/** As much of a value as can be seen of it. */
function tell(what: string, value: unknown): void {
  const whole = inspect(value, { showHidden: true, depth: null, maxArrayLength: null, maxStringLength: null })
  told.push(`${what}: ${whole}`, String(value), JSON.stringify(value) ?? '')
  if (!(value instanceof Error)) return
  told.push(value.stack ?? '', value.message)
  if (value.cause !== undefined) tell(`${what}, its cause`, value.cause)
}

const events = [
  'attempt',
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
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: marks.passphrase },
})
const tls = { ca: authority, key: privateKey, passphrase: marks.passphrase }
const alive = setInterval(() => undefined, 1000)
const ports = await startReceivers()
const database = join(folder, 'store.db')
const store = sqliteStore({ path: database })

const common: DispatcherOptions = {
  hooks: [],
  secret: [marks.key, `${marks.key}-old`],
  store,
  retry: {
    delaysMs: [1, 1],
    refusedAttempts: 2,
    connect: { retries: 1, minTimeout: 1, maxTimeout: 1, factor: 1 },
  },
  breaker: false,
}

async function run(name: string, options: DispatcherOptions, apps: readonly string[]): Promise<void> {
  const transport = kind === 'undici' ? undiciTransport() : gotTransport()
  const dispatcher = createDispatcher({ ...options, transport })
  for (const event of events) dispatcher.on(event, (message) => tell(`event ${event}`, message))
  tell('check', await dispatcher.check())
  for (const app of apps) {
    const dispatched = []
    for (let version = 1; version <= (app === 'cut' ? cutAnswers : 3); version += 1)
      dispatched.push(await dispatcher.dispatch({ app, version, user: 'ci' }))
    for (const dispatch of dispatched) {
      tell('settled', await dispatch.settled())
      tell('dispatch', dispatch)
    }
  }
  for (const { id } of dispatcher.hooks()) {
    await dispatcher.disable(id)
    await dispatcher.enable(id)
  }
  tell('hooks', dispatcher.hooks())
  tell('counts', await dispatcher.counts())
  for (const app of apps)
    for await (const delivery of dispatcher.deliveries({ app })) {
      tell('delivery', delivery)
      tell('attempts', await dispatcher.attempts(delivery.id))
    }
  await misuse(dispatcher, options)
  tell(`${name} dispatcher`, dispatcher)
  tell('transport', transport)
  tell('store', store)
  // What is in its log at this time stands in no file later.
  for (const end of ['', '-wal', '-shm'])
    if (existsSync(database + end)) copyFileSync(database + end, join(folder, `${name}.copy${end}`))
  await dispatcher.close()
  tell(`${name} dispatcher, closed`, dispatcher)
}

async function misuse(dispatcher: Dispatcher, { hooks }: DispatcherOptions): Promise<void> {
  for (const hook of hooks.slice(0, 2)) {
    const url = typeof hook === 'string' ? hook : (hook.url ?? '')
    const asked = [
      () => dispatcher.replay(url),
      () => dispatcher.replay({ hook: url }),
      () => dispatcher.enable(url),
    ]
    for (const ask of asked) tell('misuse', await ask().catch((error: unknown) => error))
  }
}

const at = (origin: string, last: string | number): string => `${origin}/${path}/${last}?token=${token}`
const echoing = `http://127.0.0.1:${ports.http}`
const hook = (
  url: string,
  apps: readonly string[],
): { url: string; apps: readonly string[]; secretPath: true } => ({
  url,
  apps,
  secretPath: true,
})

await run(
  'direct',
  {
    ...common,
    egress: {
      allow: ['127.0.0.0/8'],
      lookup: (name, _options, callback) =>
        callback(Object.assign(new Error(`${name} ${marks.token}`), { code: 'ENOTFOUND' }), []),
    },
    hooks: [
      ...[200, 401, 410, 500].map((status) => hook(at(echoing, status), ['web'])),
      { ...hook(at(`https://127.0.0.1:${ports.https}`, 401), ['web']), tls },
      { ...hook(at(echoing, 401), ['web']), id: 'deis', dialect: 'deis', algorithm: 'sha1' },
      {
        ...hook(at(echoing, 500), ['web']),
        id: 'breaking',
        breaker: { minimum: 2, openMs: 10, maxOpenMs: 10 },
      },
      { ...hook(at(echoing, 500), ['web']), id: 'failing', disableAfterMs: 200 },
      hook(`${echoing}/${encodeURIComponent(marks.path)}/401?${token}`, ['web']),
      hook(at(`http://127.0.0.1:${await freePort()}`, 200), ['web']),
      hook(at('http://169.254.169.254', 200), ['web']),
      hook(at('https://10.0.0.1', 200), ['web']),
      hook(at('https://no-such-name.invalid', 200), ['web']),
      {
        ...hook(`${echoing}/cut/${encodeURIComponent(marks.path)}/200?token=${token}`, ['cut']),
        concurrency: 16,
      },
    ],
  },
  ['web', 'cut'],
)

await run(
  'proxied',
  {
    ...common,
    egress: { proxy: `http://user:${proxyPassword}@127.0.0.1:${ports.proxy}` },
    hooks: [
      ...[200, 401, 500].map((status) => hook(at('http://receiver.example', status), ['api'])),
      hook(at('http://127.0.0.1', 200), ['api']),
    ],
  },
  ['api'],
)

const url = `https://hooks.example/${path}?token=${token}`
const proxies = [
  `https://user:${proxyPassword}@proxy.example`,
  `user:${proxyPassword}@proxy.example`,
  `http://user:${proxyPassword}@proxy.example/${marks.token}`,
  `http://user:${proxyPassword}%@proxy.example`,
  `http://user:${proxyPassword}@[proxy.example`,
  `http://user:${marks.proxy}@proxy.example`,
  new URL(`http://user:${proxyPassword}@proxy.example`),
]
const wrong: readonly unknown[] = [
  ...[
    `${url}#${marks.token}`,
    url.replace('https://', `https://user:${proxyPassword}@`),
    url.replace('https://', `https:///user:${proxyPassword}@`),
    url.replace('https://', 'ftp://'),
    url.replace('hooks.example', 'hooks.example:99999'),
    `${url} `,
    `${url}\ud800`,
    `${url}&app=${token}`,
    url.padEnd(5000, 'x'),
    '',
  ].flatMap((each) => [{ hooks: [each] }, { hooks: [{ url: each, secretPath: true }] }]),
  { hooks: url },
  { hooks: { [url]: marks.key } },
  { hooks: [url, url] },
  { hooks: [{ url, secretPath: marks.path }] },
  { hooks: [{ url: [url] }] },
  ...[marks.key, { key: marks.key }, [marks.key, ''], [[marks.key]], ''].flatMap((secret) => [
    { hooks: [url], secret },
    { hooks: [{ url, secret }] },
  ]),
  ...[
    'algorithm',
    'dialect',
    'store',
    'transport',
    'timeout',
    'concurrency',
    'retry',
    'breaker',
    'logger',
    'egress',
  ].map((name) => ({ hooks: [url], [name]: marks.key })),
  ...[
    { key: marks.passphrase },
    { cert: marks.passphrase },
    { ca: [marks.passphrase, 1] },
    { key: privateKey, passphrase: `${marks.passphrase} wrong` },
    { key: privateKey.slice(0, 120), passphrase: marks.passphrase },
    { key: privateKey, passphrase: [marks.passphrase] },
    { key: [privateKey], passphrase: marks.passphrase },
    { ...tls, cert: authority },
    marks.passphrase,
  ].map((each) => ({ hooks: [{ url, tls: each }] })),
  ...proxies.map((proxy) => ({ hooks: [url], egress: { proxy } })),
  ...[
    url,
    `user:${proxyPassword}@proxy.example`,
    `10.0.0.0/${marks.token}`,
    `*.${marks.key}`,
    `[${marks.token}]`,
    `${marks.token}%`,
    { name: marks.token },
  ].flatMap((entry) => [
    { hooks: [url], egress: { allow: [entry] } },
    { hooks: [url], egress: { deny: [entry] } },
  ]),
  { hooks: [url], egress: { ports: [marks.key] } },
]

let refused = 0
for (const options of wrong) {
  try {
    const dispatcher = createDispatcher(options as DispatcherOptions)
    tell('taken', dispatcher)
    await dispatcher.close()
  } catch (error) {
    refused += 1
    tell('refused', error)
  }
}
tell(
  'guard',
  createEgressGuard({ proxy: `http://user:${proxyPassword}@proxy.example` }).refusesUrl(
    new URL('http://10.0.0.1'),
  ),
)

await store.close()
clearInterval(alive)
const keyLines = privateKey.split('\n').filter((line) => line.length === 64)
writeFileSync(join(folder, 'told.txt'), told.join('\n'))
writeFileSync(join(folder, 'received.txt'), received.join('\n'))
writeFileSync(
  join(folder, 'secrets.json'),
  JSON.stringify({ signatures: [...signatures], keyLines, refused, wrong: wrong.length }),
)
