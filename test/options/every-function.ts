import * as z from 'zod'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import * as main from '../../src/index.ts'
import {
  migrationSql,
  postgresStore,
  type MigrationSqlOptions,
  type PostgresStoreOptions,
} from '../../src/stores/postgres/index.ts'
import { sqliteStore, type SqliteStoreOptions } from '../../src/stores/sqlite/index.ts'
import * as targets from '../../src/targets/index.ts'
import {
  startFaultProxy,
  startPlatform,
  storeConformance,
  transportConformance,
  triggersConformance,
  type FaultProxyOptions,
  type PlatformOptions,
  type StoreHarness,
  type TransportHarness,
} from '../../src/testing/index.ts'
import { wrongCertificate } from '../../src/testing/faults/wrong-certificate.ts'
import * as triggers from '../../src/triggers/index.ts'
import * as verify from '../../src/verify/index.ts'
import { fakeTransport, never } from '../dispatch/fake-transport.ts'
import type { AllOf } from './all-of.ts'
import { optionsOf, otherOptionsOf } from './target-options.ts'

const url = 'https://hooks.example/deploy?a=b'
const shared = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const release = { app: 'web', version: 1, user: 'ci' }
const facts: AllOf<main.ReleaseInput> = {
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
const pace: AllOf<main.PaceOptions> = { perSecond: 1, burst: 2 }
const breaker: AllOf<main.BreakerOptions> = {
  failureShare: 0.5,
  minimum: 2,
  windowMs: 1,
  openMs: 1,
  maxOpenMs: 1,
}
const { cert, key } = wrongCertificate
const tls: AllOf<main.TlsOptions> = { ca: [cert], cert, key, passphrase: 'x' }
const signing = {
  secret: ['one', 'two'],
  algorithm: 'sha256',
  dialect: 'native',
  timeout: { deadlineMs: 9 },
} as const
const definition = {
  name: 'own',
  url: 'https://api.example/',
  secretPath: true,
  secrets: { token: 'x' } as never,
  requests: [
    {
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
    } satisfies AllOf<targets.TargetRequest>,
  ],
  repeat: 'duplicates',
  pace,
  deadlineMs: 9,
  poll: {
    method: 'GET',
    base: 'hook',
    path: ['a'],
    trailingSlash: false,
    query: { a: 'b' },
    headers: { a: 'b' },
    body: { json: {} },
    status: '/status',
    statuses: { ok: 'succeeded' },
    url: '/url',
    error: '/error',
    everyMs: 9,
    untilMs: 99,
  } satisfies AllOf<targets.TargetPoll>,
} satisfies AllOf<targets.TargetDefinition>
const query = {
  hook: 'h',
  app: 'a',
  version: 'v4',
  user: 'gabrtv',
  sha: '35b3726',
  environment: 'production',
  tenant: 'acme',
  stage: 'failed',
  state: 'dead',
  reason: 'timeout',
  verdict: 'exhausted',
  since: 1,
  before: 2,
  replayed: false,
} satisfies AllOf<main.DeliveryQuery>
const hook = {
  ...signing,
  url,
  id: 'one',
  apps: ['web'],
  environments: ['production'],
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
} satisfies AllOf<main.HookOptions>
const egress: AllOf<main.EgressOptions> = {
  allow: ['10.0.0.0/8'],
  deny: ['*.a.example'],
  ports: [443],
  httpsOnly: true,
  proxy: { http: 'http://u:p@proxy.example:3128', https: 'http://proxy.example:3128' },
  noProxy: ['.a.example'],
  lookup: () => undefined,
}
const logger = { warn: () => undefined, error: () => undefined }
const common = {
  ...signing,
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
  } satisfies AllOf<main.ScheduleOptions>,
  concurrency: { perHook: 1, overall: 1 } satisfies AllOf<main.ConcurrencyOptions>,
  egress,
  breaker,
  disableAfterMs: 9,
  logger,
  signal: new AbortController().signal,
  now: () => 1,
  random: () => 0.5,
}
const dispatcher = {
  ...common,
  hooks: [hook, url],
  onInvalidHook: (error: Error) => {
    throw error
  },
} satisfies AllOf<main.DispatcherOptions>
const triggersOptions: AllOf<triggers.TriggersOptions> = {
  store: main.memoryStore(),
  onTrigger: () => ({ id: 'a' }),
  tokenPrefix: 'abc',
  params: { a: z.string() },
  publicUrl: 'https://api.example/hooks',
  trustedProxies: ['10.0.0.0/8'],
  perMinute: 1,
  overlap: 'queue',
  debounce: { quietMs: 1, maxWaitMs: 2 },
  startWithinMs: 1,
  runsAtMostMs: 1,
  startsAtOnce: 1,
  workers: false,
  isApiKey: () => true,
  secrets: () => ['x'],
  logger,
  now: () => 1,
}
const settings = {
  name: 'n',
  branch: 'b',
  service: 's',
  params: ['a'],
  overlap: 'skip',
  debounce: { quietMs: 1, maxWaitMs: 2 },
  allowFrom: ['10.0.0.1'],
  signature: 'github',
  kind: 'app',
  environmentId: 1,
  preview: true,
} satisfies AllOf<triggers.TriggerSettings>

export type Call = (...given: never[]) => unknown

async function asked(ask: (dispatcher: main.Dispatcher) => unknown): Promise<unknown> {
  await using made = main.createDispatcher({ hooks: [url], secret: 'x', workers: false })
  return await ask(made)
}

async function askedOfTriggers(ask: (made: triggers.Triggers) => unknown): Promise<unknown> {
  await using made = triggers.createTriggers(triggersOptions)
  return await ask(made)
}

async function settled(options: never): Promise<unknown> {
  await using made = main.createDispatcher({ hooks: [], workers: false }) // with a hook it would wait
  return await (await made.dispatch(release)).settled(options)
}

async function answeredNext(answer: never): Promise<void> {
  await using platform = await startPlatform('slack')
  platform.answerNext(answer)
}

async function connected<Made>(make: () => Promise<Made & AsyncDisposable>): Promise<void> {
  await using made = await make()
  void made
}

const signed = main.releaseUrl(url, release)
const verifiable = {
  url: signed.slice(signed.indexOf('/deploy')),
  headers: { authorization: main.signUrl(signed, { secret: 'a' }) },
}
const sent = { id: 'a', timestamp: 1, body: '{}' }
const standard = {
  headers: {
    'webhook-id': 'a',
    'webhook-timestamp': '1',
    'webhook-signature': main.createStandardSigner(shared)(sent),
  },
  body: sent.body,
}

type Transporting = NonNullable<Parameters<typeof main.gotTransport>[0]>

/** What is wrong as an error, as the others have it. */
function parsedOrThrown(input: unknown, options: never): unknown {
  const parsed = main.parseHook(input, options)
  if (!parsed.ok) throw main.ConfigurationError.of(parsed.problems)
  return parsed
}

/** In a folder that is not there: a path that is a secret makes no file. */
function sqliteIn(options: Parameters<typeof sqliteStore>[0]): unknown {
  const { path } = options ?? {}
  return sqliteStore(typeof path === 'string' ? { ...options, path: `/none/${path}` } : options)
}

function targetOf(name: string): Call {
  return (targets as unknown as Readonly<Record<string, Call>>)[name] as Call
}

/** Every public function and method that takes options, with all that it takes, by name. */
export const functions: Readonly<Record<string, readonly [call: Call, ...given: readonly unknown[]]>> = {
  createDispatcher: [main.createDispatcher, dispatcher],
  parseHook: [parsedOrThrown, hook, common],
  createEgressGuard: [main.createEgressGuard, egress],
  gotTransport: [main.gotTransport, { socketsPerHost: 1 } satisfies AllOf<Transporting>],
  undiciTransport: [undiciTransport, { socketsPerHost: 1 } satisfies AllOf<Transporting>],
  memoryStore: [main.memoryStore, { keep: 1 } satisfies AllOf<main.MemoryStoreOptions>],
  sqliteStore: [sqliteIn, { path: 'none.db', keep: 1 } satisfies AllOf<SqliteStoreOptions>],
  postgresStore: [
    postgresStore,
    {
      connectionString: 'postgres://u@h/d',
      schema: 's',
      keepMs: 9,
      migrate: false,
    } satisfies AllOf<PostgresStoreOptions>,
  ],
  migrationSql: [migrationSql, { schema: 's', from: 0 } satisfies AllOf<MigrationSqlOptions>],
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
    { logger },
  ],
  messageOfCode: [main.messageOfCode, 'PROXY_407'],
  parseRelease: [main.parseRelease, facts],
  releaseUrl: [main.releaseUrl, url, release, { dialect: 'native', delivery: 'd' }],
  signUrl: [
    main.signUrl,
    url,
    { secret: ['a', 'b'], algorithm: 'sha1' } satisfies AllOf<main.SignUrlOptions>,
  ],
  createStandardSigner: [main.createStandardSigner, [shared]],
  'a standard signer': [main.createStandardSigner(shared), { id: 'a', timestamp: 1, body: 'x' }],
  createVerifier: [
    verify.createVerifier,
    {
      url: [url],
      secret: ['a'],
      algorithm: 'sha1',
      allowedHosts: ['a.example'],
    } satisfies AllOf<verify.VerifierOptions>,
  ],
  verify: [
    (options: never) => verify.createVerifier({ url, secret: 'a' }).verify(verifiable, options),
    { seen: () => false } satisfies AllOf<verify.VerifyOptions>,
  ],
  createStandardVerifier: [
    verify.createStandardVerifier,
    { secret: [shared], toleranceMs: 9000, now: () => 1 } satisfies AllOf<verify.StandardVerifierOptions>,
  ],
  'verify of Standard Webhooks': [
    (options: never) =>
      verify.createStandardVerifier({ secret: shared, now: () => 1000 }).verify(standard, options),
    { seen: () => false } satisfies AllOf<verify.StandardVerifyOptions>,
  ],
  createReceiver: [
    verify.createReceiver,
    {
      verifier: verify.createVerifier({ url, secret: 'a' }),
      onRelease: () => undefined,
      seen: () => false,
      onRefused: () => undefined,
      onError: () => undefined,
    } satisfies AllOf<verify.ReceiverOptions>,
  ],
  createStandardReceiver: [
    verify.createStandardReceiver,
    {
      verifier: verify.createStandardVerifier({ secret: shared }),
      onDelivery: () => undefined,
      seen: () => false,
      maxBodyBytes: 9,
      onRefused: () => undefined,
      onError: () => undefined,
    } satisfies AllOf<verify.StandardReceiverOptions>,
  ],
  defineTarget: [targets.defineTarget, definition],
  startPlatform: [
    (name: never, options: never) => connected(() => startPlatform(name, options)),
    'slack',
    { ends: 'failed', credentials: { a: 'b' } } satisfies AllOf<PlatformOptions>,
  ],
  startFaultProxy: [
    (options: never) => connected(() => startFaultProxy(options)),
    {
      fault: { fault: 'latency', ms: 1 },
      target: 'http://127.0.0.1:1',
      tls: { cert, key },
    } satisfies AllOf<FaultProxyOptions>,
  ],
  storeConformance: [
    storeConformance,
    { create: () => main.memoryStore(), reopen: (store) => store } satisfies AllOf<StoreHarness>,
  ],
  triggersConformance: [
    triggersConformance,
    { create: () => main.memoryStore(), reopen: (store) => store } satisfies AllOf<StoreHarness>,
  ],
  transportConformance: [
    transportConformance,
    { create: () => main.gotTransport() } satisfies AllOf<TransportHarness>,
  ],
  dispatch: [
    (given: never, options: never) => asked((made) => made.dispatch(given, options)),
    facts,
    { idempotencyKey: 'k', signal: new AbortController().signal },
  ],
  settled: [settled, { signal: new AbortController().signal }],
  deliveries: [
    (given: never) => asked((made) => Array.fromAsync(made.deliveries(given))),
    { ...query, order: 'newest' } satisfies AllOf<main.DeliveryListQuery>,
  ],
  replay: [
    (given: never, options: never) => asked((made) => made.replay(given, options)),
    { ...query, hook: undefined }, // one that there is not is refused by another error
    { perSecond: 1, idempotencyKey: 'k' } satisfies AllOf<main.ReplayOptions>,
  ],
  prune: [(given: never) => asked((made) => made.prune(given)), { olderThan: 1 }],
  close: [
    (given: never) => asked((made) => made.close(given)),
    { deadlineMs: 1 } satisfies AllOf<main.CloseOptions>,
  ],
  enable: [(given: never) => asked((made) => made.enable(given)), 'id'],
  disable: [(given: never) => asked((made) => made.disable(given)), 'id'],
  attempts: [(given: never) => asked((made) => made.attempts(given)), 'id'],
  on: [(name: never, listener: never) => asked((made) => made.on(name, listener)), 'dead', () => undefined],
  createTriggers: [triggers.createTriggers, triggersOptions],
  isTriggerToken: [triggers.isTriggerToken, 'dht_x', { prefix: 'abc' }],
  'create of triggers': [
    (given: never) => askedOfTriggers((made) => made.create(given)),
    {
      ...settings,
      app: 'a',
      environment: 'e',
      tenant: 't',
      dialect: 'flightcontrol',
      expiresAt: 9,
    } satisfies AllOf<triggers.CreateTrigger>,
  ],
  'get of triggers': [(id: never) => askedOfTriggers((made) => made.get(id)), 'id'],
  'deployment of triggers': [(id: never) => askedOfTriggers((made) => made.deployment(id)), 'id'],
  'explain of triggers': [
    (request: never) => askedOfTriggers((made) => made.explain(request)),
    new Request('https://a.example', { method: 'POST' }),
  ],
  answerNext: [answeredNext, { status: 200, headers: { a: 'b' }, body: 'x' }],
  refusesUrl: [(given: never) => main.createEgressGuard().refusesUrl(given), new URL(url)],
  refusesAddress: [
    (address: never, host: never) => main.createEgressGuard().refusesAddress(address, host),
    '10.0.0.1',
    'a.example',
  ],
  'update of triggers': [
    (given: never) => askedOfTriggers((made) => made.update('id', given)),
    { ...settings, expiresAt: 9 } satisfies AllOf<triggers.UpdateTrigger>,
  ],
  'list of triggers': [
    (by: never, page: never) => askedOfTriggers((made) => made.list(by, page)),
    { tenant: 't', app: 'a', environment: 'e' },
    { after: 'a', limit: 1 },
  ],
  'rotate of triggers': [
    (given: never) => askedOfTriggers((made) => made.rotate('id', given)),
    { overlapMs: 1 },
  ],
  'revoke of triggers': [
    (given: never) => askedOfTriggers((made) => made.revoke('id', given)),
    { dropWaiting: true },
  ],
  'calls of triggers': [(given: never) => askedOfTriggers((made) => made.calls('id', given)), { limit: 1 }],
  'finished of triggers': [
    (status: never, given: never) => askedOfTriggers((made) => made.finished('id', status, given)),
    'failed',
    { url: 'https://a.example', error: 'e' },
  ],
  'prune of triggers': [(given: never) => askedOfTriggers((made) => made.prune(given)), { olderThan: 1 }],
  'fetch of triggers': [
    (given: never) => askedOfTriggers((made) => made.fetch(new Request('https://a.example'), given)),
    { address: '10.0.0.1' },
  ],
  ...Object.fromEntries(
    Object.entries(optionsOf).map(([name, options]) => [name, [targetOf(name), options]] as const),
  ),
  ...Object.fromEntries(
    otherOptionsOf.map(([name, options]) => [`${name}, in another way`, [targetOf(name), options]] as const),
  ),
}
