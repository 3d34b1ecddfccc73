import { undiciTransport } from '../../src/http/undici-transport.ts'
import * as main from '../../src/index.ts'
import { migrationSql, postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import * as targets from '../../src/targets/index.ts'
import { startFaultProxy, startPlatform } from '../../src/testing/index.ts'
import * as verify from '../../src/verify/index.ts'
import { fakeTransport, never } from '../dispatch/fake-transport.ts'
import { optionsOf } from './target-options.ts'

const url = 'https://hooks.example/deploy?a=b'
const shared = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const release = { app: 'web', version: 1, user: 'ci' }
const facts = {
  ...release,
  sha: '35b3726',
  summary: 'x',
  tenant: 't',
  environment: 'e',
  deployment: 'd',
  stage: 'failed',
  previous: 'v0',
  url: 'https://app.example',
  logUrl: 'https://app.example',
  diffUrl: 'https://app.example',
  at: '2026-01-01T00:00:00.000Z',
  meta: { a: 1 },
}
const pace = { perSecond: 1, burst: 2 }
const breaker = { failureShare: 0.5, minimum: 2, windowMs: 1, openMs: 1, maxOpenMs: 1 }
const tls = { ca: ['pem'], cert: 'pem', key: 'pem', passphrase: 'x' }
const signing = { secret: ['one', 'two'], algorithm: 'sha256', dialect: 'native', timeout: { deadlineMs: 9 } }
const hook = {
  ...signing,
  url,
  id: 'one',
  apps: ['web'],
  after: ['failed'],
  waitFor: 'accepted',
  onlyChanges: true,
  supersede: true,
  secretPath: true,
  concurrency: 1,
  disableAfterMs: 9,
  pace,
  breaker,
  proxy: 'http://u:p@proxy.example:3128',
  tls,
  target: targets.jsonPost(),
}
const egress = {
  allow: ['10.0.0.0/8'],
  deny: ['*.a.example'],
  ports: [443],
  httpsOnly: true,
  proxy: { http: 'http://u:p@proxy.example:3128', https: 'http://proxy.example:3128' },
  noProxy: ['.a.example'],
  lookup: () => undefined,
}
const dispatcher = {
  ...signing,
  hooks: [hook, url],
  store: main.memoryStore(),
  workers: false,
  rolloutClosesAfterMs: 9,
  transport: fakeTransport(() => never),
  retry: {
    delaysMs: [1],
    jitter: 0.5,
    refusedAttempts: 1,
    maxRetryAfterMs: 1,
    connect: { retries: 1, minTimeout: 1, maxTimeout: 1, factor: 1 },
  },
  concurrency: { perHook: 1, overall: 1 },
  egress,
  breaker,
  disableAfterMs: 9,
  logger: { warn: () => undefined, error: () => undefined },
  signal: new AbortController().signal,
  now: () => 1,
  random: () => 0.5,
}
const request = {
  method: 'POST',
  base: 'https://api.example/x',
  path: ['a'],
  trailingSlash: true,
  query: { a: 'b' },
  headers: { a: 'b' },
  body: { text: 'x', type: 'text/plain' },
  accepts: [200],
  meanings: { 404: 'final' },
  isAccepted: () => true,
  id: '/id',
  url: ['/url'],
  error: '/error',
  status: '/status',
  retryAfter: '/after',
  sign: 'url',
  repeat: 'duplicates',
  maxBodyBytes: 9,
}
const definition = {
  name: 'own',
  url: 'https://api.example/',
  secretPath: true,
  secrets: { token: 'x' },
  requests: [request],
  repeat: 'duplicates',
  pace,
  deadlineMs: 9,
  poll: {
    method: 'GET',
    base: 'hook',
    path: ['a'],
    query: { a: 'b' },
    headers: { a: 'b' },
    status: '/status',
    statuses: { ok: 'succeeded' },
    url: '/url',
    error: '/error',
    everyMs: 9,
    untilMs: 99,
  },
}

export type Call = (...given: never[]) => unknown

async function asked(ask: (dispatcher: main.Dispatcher) => unknown): Promise<unknown> {
  await using made = main.createDispatcher({ hooks: [url], secret: 'x', workers: false })
  return await ask(made)
}

function missing(): never {
  throw new Error('Expected a target of this name')
}

/** In a folder that is not there: a path that is a secret makes no file. */
function sqliteIn(options: Parameters<typeof sqliteStore>[0]): unknown {
  const { path } = options ?? {}
  return sqliteStore(typeof path === 'string' ? { ...options, path: `/none/${path}` } : options)
}

/** Every public function with all that it takes, by name. */
export const functions: Readonly<Record<string, readonly [call: Call, ...given: readonly unknown[]]>> = {
  createDispatcher: [main.createDispatcher, dispatcher],
  createEgressGuard: [main.createEgressGuard, egress],
  gotTransport: [main.gotTransport, { socketsPerHost: 1 }],
  undiciTransport: [undiciTransport, { socketsPerHost: 1 }],
  memoryStore: [main.memoryStore, { keep: 1 }],
  sqliteStore: [sqliteIn, { path: 'none.db', keep: 1 }],
  postgresStore: [
    postgresStore,
    { connectionString: 'postgres://u@h/d', schema: 's', keepMs: 9, migrate: false },
  ],
  migrationSql: [migrationSql, { schema: 's', from: 0 }],
  hooksFromEnv: [
    main.hooksFromEnv,
    {
      DEPLOY_HOOK_URLS: url,
      DEPLOY_HOOK_ALGORITHM: 'sha1',
      DEPLOY_HOOK_ALLOW: '10.0.0.1',
      HTTPS_PROXY: 'http://u:p@proxy.example:3128',
      HTTP_PROXY: 'proxy.example:3128',
      NO_PROXY: 'a.example',
    },
  ],
  messageOfCode: [main.messageOfCode, 'PROXY_407'],
  parseRelease: [main.parseRelease, facts],
  releaseUrl: [main.releaseUrl, url, release, { dialect: 'native', delivery: 'd' }],
  signUrl: [main.signUrl, url, { secret: ['a', 'b'], algorithm: 'sha1' }],
  createStandardSigner: [main.createStandardSigner, [shared]],
  'a standard signer': [main.createStandardSigner(shared), { id: 'a', timestamp: 1, body: 'x' }],
  createVerifier: [
    verify.createVerifier,
    { url: [url], secret: ['a'], algorithm: 'sha1', allowedHosts: ['a.example'] },
  ],
  createStandardVerifier: [
    verify.createStandardVerifier,
    { secret: [shared], toleranceMs: 9000, now: () => 1 },
  ],
  createReceiver: [
    verify.createReceiver,
    {
      verifier: {},
      onRelease: () => undefined,
      seen: () => false,
      onRefused: () => undefined,
      onError: () => undefined,
    },
  ],
  createStandardReceiver: [
    verify.createStandardReceiver,
    { verifier: {}, onDelivery: () => undefined, maxBodyBytes: 9, onRefused: () => undefined },
  ],
  defineTarget: [targets.defineTarget, definition],
  startPlatform: [startPlatform, 'slack', { credentials: { a: 'b' } }],
  startFaultProxy: [startFaultProxy, { fault: { fault: 'latency', ms: 1 }, target: 'http://127.0.0.1:1' }],
  dispatch: [
    (given: never, options: never) => asked((made) => made.dispatch(given, options)),
    facts,
    { idempotencyKey: 'k' },
  ],
  deliveries: [
    (given: never) => asked((made) => Array.fromAsync(made.deliveries(given))),
    { hook: 'h', app: 'a', state: 'dead', since: 1, before: 2, replayed: false },
  ],
  replay: [
    (given: never, options: never) => asked((made) => made.replay(given, options)),
    { hook: 'h', app: 'a', state: 'dead', since: 1, before: 2, replayed: false },
    { perSecond: 1, idempotencyKey: 'k' },
  ],
  prune: [(given: never) => asked((made) => made.prune(given)), { olderThan: 1 }],
  close: [(given: never) => asked((made) => made.close(given)), { deadlineMs: 1 }],
  enable: [(given: never) => asked((made) => made.enable(given)), 'id'],
  disable: [(given: never) => asked((made) => made.disable(given)), 'id'],
  attempts: [(given: never) => asked((made) => made.attempts(given)), 'id'],
  on: [(name: never, listener: never) => asked((made) => made.on(name, listener)), 'dead', () => undefined],
  ...Object.fromEntries(
    Object.entries(optionsOf).map(([name, options]) => [
      name,
      [(targets as unknown as Readonly<Record<string, Call>>)[name] ?? missing, options],
    ]),
  ),
}
