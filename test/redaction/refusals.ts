import { undiciTransport } from '../../src/http/undici-transport.ts'
import * as main from '../../src/index.ts'
import { migrate, migrationSql, postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import * as targets from '../../src/targets/index.ts'
import { startFaultProxy, startPlatform } from '../../src/testing/index.ts'
import * as verify from '../../src/verify/index.ts'
import { plant } from './marks.ts'

/** A mistake of somebody's who has put a secret in the wrong place. */
type Mistake = (secret: string) => unknown

const url = 'https://hooks.example/deploy'
const secret = 'a secret that is none of those'
const dispatcherWith = (options: object): main.Dispatcher =>
  main.createDispatcher({ hooks: [url], secret, workers: false, ...options })
const hookWith = (options: object): main.Dispatcher => dispatcherWith({ hooks: [{ url, ...options }] })
const release = { app: 'web', version: 1, user: 'ci' }
const releaseWith = (facts: object): unknown => main.parseRelease({ ...release, ...facts })
const target = (definition: object): unknown =>
  targets.defineTarget({ name: 'own', repeat: 'duplicates', requests: [{}], ...definition } as never)
const asked = async (ask: (dispatcher: main.Dispatcher) => unknown): Promise<unknown> => {
  const dispatcher = dispatcherWith({})
  try {
    return await ask(dispatcher)
  } finally {
    await dispatcher.close()
  }
}
const databaseUrl = (password: string): string =>
  `postgres://user:${encodeURIComponent(password)}@db.example/platform`
const counted = async (store: main.Store & AsyncDisposable): Promise<unknown> => {
  await using opened = store
  return await opened.counts()
}

/** Options of a dispatcher that take no text, or only some. */
const dispatcherOptions = [
  'algorithm',
  'dialect',
  'store',
  'workers',
  'transport',
  'retry',
  'concurrency',
  'timeout',
  'egress',
  'breaker',
  'disableAfterMs',
  'logger',
  'signal',
  'now',
  'random',
  'hooks',
]
const hookOptions = [
  'target',
  'waitFor',
  'after',
  'onlyChanges',
  'supersede',
  'secretPath',
  'algorithm',
  'dialect',
  'apps',
  'concurrency',
  'pace',
  'breaker',
  'disableAfterMs',
  'timeout',
  'tls',
]

/** By place, mistakes that are refused. */
function mistakes(privateKey: string): Readonly<Record<string, Mistake>> {
  return {
    ...Object.fromEntries(
      dispatcherOptions.map((name) => [`option ${name}`, (text: string) => dispatcherWith({ [name]: text })]),
    ),
    ...Object.fromEntries(
      hookOptions.map((name) => [`option ${name} of a hook`, (text: string) => hookWith({ [name]: text })]),
    ),
    'name of an option': (text) => dispatcherWith({ [text]: true }),
    'name of an option of a hook': (text) => hookWith({ [text]: true }),
    'list of hooks in the place of their options': (text) => dispatcherWith({ hooks: { [text]: text } }),
    'URL of a hook': (text) => dispatcherWith({ hooks: [text] }),
    'user of a hook URL': (text) =>
      dispatcherWith({ hooks: [url.replace('//', `//${encodeURIComponent(text)}@`)] }),
    'fragment of a hook URL': (text) => hookWith({ url: `${url}#${text}` }),
    'parameter of a hook URL': (text) => hookWith({ url: `${url}?app=${encodeURIComponent(text)}` }),
    'hook URL with a blank': (text) => hookWith({ url: `${url}?token=${encodeURIComponent(text)} ` }),
    'hook twice': (text) =>
      dispatcherWith({ hooks: [`${url}?${text.slice(0, 10)}`, `${url}?${text.slice(0, 10)}`] }),
    'secret that is an object': (text) => dispatcherWith({ secret: { text } }),
    'secret beside an empty one': (text) => dispatcherWith({ secret: [text, ''] }),
    'secret of Standard Webhooks': (text) =>
      hookWith({ secret: `whsec_${text}`, target: targets.standardWebhook() }),
    'private key of Standard Webhooks': (text) =>
      hookWith({ secret: `whsk_${text}`, target: targets.standardWebhook() }),
    certificate: (text) => hookWith({ tls: { cert: text } }),
    key: (text) => hookWith({ tls: { key: text } }),
    authority: (text) => hookWith({ tls: { ca: [text, 1] } }),
    'wrong passphrase': (text) => hookWith({ tls: { key: privateKey, passphrase: text } }),
    'passphrase that is a list': (text) => hookWith({ tls: { key: privateKey, passphrase: [text] } }),
    proxy: (text) => dispatcherWith({ egress: { proxy: text } }),
    'user of a proxy over https': (text) =>
      dispatcherWith({ egress: { proxy: `https://${encodeURIComponent(text)}@proxy.example` } }),
    'path of a proxy': (text) => dispatcherWith({ egress: { proxy: `http://proxy.example/${text}` } }),
    'host of a proxy': (text) => dispatcherWith({ egress: { proxy: `http://[${text}` } }),
    'password of a proxy that is no escape': (text) =>
      dispatcherWith({ egress: { proxy: `http://u:${text.slice(0, 10)}%@proxy.example` } }),
    'proxy of a hook': (text) => hookWith({ proxy: text }),
    'password of the proxy of a hook': (text) =>
      hookWith({ proxy: `http://u:${text.slice(0, 10)}%@proxy.example` }),
    'proxy for http hooks': (text) => dispatcherWith({ egress: { proxy: { http: text } } }),
    'proxy of the environment': (text) =>
      main.hooksFromEnv({
        DEPLOY_HOOK_URLS: 'http://a.example',
        HTTPS_PROXY: `socks5://u:${text}@proxy.example`,
      }),
    'entry of noProxy': (text) => dispatcherWith({ egress: { noProxy: [`http://${text}`] } }),
    'entry of allow': (text) => dispatcherWith({ egress: { allow: [text] } }),
    'entry of allow that is a URL': (text) =>
      dispatcherWith({ egress: { allow: [`https://${text.slice(0, 10)}.example/${text}`] } }),
    'entry of allow that is a range': (text) => dispatcherWith({ egress: { allow: [`10.0.0.0/${text}`] } }),
    'entry of deny': (text) => dispatcherWith({ egress: { deny: [`*.${text}`] } }),
    'entry of deny in brackets': (text) => dispatcherWith({ egress: { deny: [`[${text}]`] } }),
    'entry of deny with a zone': (text) => dispatcherWith({ egress: { deny: [`${text}%`] } }),
    port: (text) => dispatcherWith({ egress: { ports: [text] } }),
    'name of an option of egress': (text) => dispatcherWith({ egress: { [text]: 1 } }),

    'name of an event': (text) => asked((dispatcher) => dispatcher.on(text as 'dead', () => undefined)),
    'delivery to replay': (text) => asked((dispatcher) => dispatcher.replay(text)),
    'hook to replay': (text) => asked((dispatcher) => dispatcher.replay({ hook: text })),
    'state to replay': (text) => asked((dispatcher) => dispatcher.replay({ state: text as 'dead' })),
    'name in a query': (text) => asked((dispatcher) => dispatcher.replay({ [text]: 1 })),
    'time in a query': (text) =>
      asked((dispatcher) => dispatcher.deliveries({ since: text as unknown as number })),
    'pace of a replay': (text) =>
      asked((dispatcher) => dispatcher.replay({ state: 'dead' }, { perSecond: text as unknown as number })),
    'hook to enable': (text) => asked((dispatcher) => dispatcher.enable(text)),
    'hook to disable': (text) => asked((dispatcher) => dispatcher.disable(text)),
    'time to prune': (text) =>
      asked((dispatcher) => dispatcher.prune({ olderThan: text as unknown as number })),
    'deadline to close': (text) =>
      asked((dispatcher) => dispatcher.close({ deadlineMs: text as unknown as number })),
    transaction: (text) =>
      asked((dispatcher) => dispatcher.dispatch(release, { transaction: text as never })),

    'name of a fact': (text) => releaseWith({ [text]: 1 }),
    'name of a fact in meta': (text) => releaseWith({ meta: { [text]: {} } }),
    'stage of a release': (text) => releaseWith({ stage: text }),
    'time of a release': (text) => releaseWith({ at: text }),
    'link of a release': (text) => releaseWith({ url: text }),
    'version of a release': (text) => releaseWith({ version: [text] }),
    release: (text) => main.parseRelease(text as never),
    'release that is long': (text) => releaseWith({ sha: text.repeat(500) }),

    'keep of memory': (text) => main.memoryStore({ keep: text as unknown as number }),
    'keep of SQLite': (text) => sqliteStore({ path: '/none/none.db', keep: text as unknown as number }),
    'path of SQLite': (text) => sqliteStore({ path: databaseUrl(text) }),
    'schema of Postgres': (text) => postgresStore({ connectionString: url, schema: text }),
    'database URL for a schema': (text) =>
      postgresStore({ connectionString: url, schema: databaseUrl(text) }),
    'schema to migrate': (text) => migrationSql({ schema: text }),
    'keepMs of Postgres': (text) =>
      postgresStore({ connectionString: url, keepMs: text as unknown as number }),
    'pool of Postgres': (text) => postgresStore({ pool: text as never }),
    'pool beside a connection string': (text) =>
      postgresStore({ connectionString: databaseUrl(text), pool: {} as never }),
    'connection string that is none': (text) =>
      counted(postgresStore({ connectionString: `postgres://u:${text}@[` })),
    'connection string that is a port': (text) =>
      counted(postgresStore({ connectionString: `postgres://u:9/${text}@127.0.0.1:9/d` })),
    'host of Postgres': (text) =>
      counted(postgresStore({ connectionString: `postgres://u@${text.slice(0, 10)}.invalid/d` })),
    'database to migrate': (text) =>
      migrate({ connectionString: `postgres://u:${encodeURIComponent(text)}@127.0.0.1:9/d` }),
    'sockets of got': (text) => main.gotTransport({ socketsPerHost: text as unknown as number }),
    'sockets of undici': (text) => undiciTransport({ socketsPerHost: text as unknown as number }),

    'algorithm to sign by': (text) => main.signUrl(url, { secret, algorithm: text as 'sha1' }),
    'list of secrets to sign by': (text) => main.createStandardSigner([text]),
    'id to sign': (text) =>
      main.createStandardSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')({
        id: `${text}.`,
        timestamp: 1,
        body: '',
      }),
    'timestamp to sign': (text) =>
      main.createStandardSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')({
        id: 'a',
        timestamp: text as unknown as number,
        body: '',
      }),
    'URL to sign': (text) => main.releaseUrl(text, release),
    'algorithm in the environment': (text) =>
      main.hooksFromEnv({ DEPLOY_HOOK_URLS: url, DEPLOY_HOOK_ALGORITHM: text }),
    'URL in the environment': (text) => dispatcherWith(main.hooksFromEnv({ DEPLOY_HOOK_URLS: text })),
    'entry of allow in the environment': (text) =>
      dispatcherWith(main.hooksFromEnv({ DEPLOY_HOOK_URLS: url, DEPLOY_HOOK_ALLOW: text })),

    'name of an option of a target': (text) => target({ [text]: 1 }),
    'name of a target': (text) => target({ name: text }),
    'URL of a target': (text) => target({ url: text }),
    'user of the URL of a target': (text) =>
      target({ url: `https://${encodeURIComponent(text)}@api.example` }),
    'base of a request': (text) => target({ requests: [{ base: text }] }),
    'user of the base of a request': (text) =>
      target({ requests: [{ base: `https://:${encodeURIComponent(text)}@api.example` }] }),
    'method of a request': (text) => target({ requests: [{ method: text }] }),
    'header that is a list': (text) => target({ requests: [{ headers: { [text]: [text] } }] }),
    'name of a status': (text) => target({ requests: [{ meanings: { [text]: 'final' } }] }),
    'meaning of a status': (text) => target({ requests: [{ meanings: { 404: text } }] }),
    'pointer of a target': (text) => target({ requests: [{ id: text }] }),
    'secret of a target that is a list': (text) => target({ secrets: { [text]: [text] } }),
    'secret of a target beside an empty one': (text) => target({ secrets: { [text]: '' } }),
    'repository at GitHub': (text) =>
      targets.githubDispatch({ repository: text.replaceAll('/', ''), token: text }),
    'API of GitHub': (text) =>
      targets.githubDeployment({ repository: 'acme/web', token: text, apiUrl: text }),
    'project at CircleCI': (text) => targets.circleci({ project: text, token: text }),
    'API of CircleCI': (text) =>
      targets.circleci({
        project: 'gh/acme/web',
        token: text,
        apiUrl: `https://ci.example/?${text.slice(0, 10)}`,
      }),
    'user at Jenkins': (text) =>
      targets.jenkins({ apiUrl: url, job: 'web', user: `a:${text}`, apiToken: text }),
    'site of Datadog': (text) => targets.datadogDeployment({ apiKey: text, site: text }),
    'variable of Shipmight': (text) => targets.shipmight({ token: text, variables: { [text]: text } }),
    'service at Render': (text) => targets.render({ apiKey: text } as targets.RenderOptions),
    'API of Flightcontrol': (text) => targets.flightcontrol({ apiKey: text, apiUrl: text as 'https://' }),

    'URL to verify': (text) => verify.createVerifier({ url: text, secret }),
    'secret to verify': (text) => verify.createVerifier({ url, secret: [text, ''] }),
    'algorithm to verify': (text) => verify.createVerifier({ url, secret, algorithm: text as 'sha1' }),
    'allowed host': (text) => verify.createVerifier({ url, secret, allowedHosts: [`${text} `] }),
    'secret of Standard Webhooks to verify': (text) => verify.createStandardVerifier({ secret: text }),
    tolerance: (text) =>
      verify.createStandardVerifier({
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        toleranceMs: text as unknown as number,
      }),
    'size of a body': (text) =>
      verify.createStandardReceiver({
        verifier: {} as never,
        onDelivery: () => undefined,
        maxBodyBytes: text as unknown as number,
      }),

    'name of a platform': (text) => startPlatform(text as 'slack'),
    'name of a fault': (text) => startFaultProxy({ fault: text as 'reset' }),
    'name of a parameter of a fault': (text) =>
      startFaultProxy({ fault: { fault: 'latency', [text]: 1 } as never }),
    'target of a fault proxy': (text) => startFaultProxy({ target: text }),
  }
}

/** What each mistake came to: an error, or what was taken. At once, since databases that are not there are waited for. */
export async function makeMistakes(
  privateKey: string,
  told: (what: string, error: unknown) => void,
): Promise<{ readonly taken: readonly string[]; readonly refused: readonly string[] }> {
  const taken: string[] = []
  const refused: string[] = []
  const make = async (place: string, mistake: Mistake, secret: string): Promise<void> => {
    try {
      const given = await mistake(secret)
      told(`taken: ${place}`, given)
      taken.push(place)
      await (given as Partial<main.Dispatcher> | undefined)?.close?.()
    } catch (error) {
      told(`refused: ${place}`, error)
      refused.push(place)
    }
  }
  await Promise.all(
    Object.entries(mistakes(privateKey)).map(([place, mistake]) => make(place, mistake, plant(place))),
  )
  return { taken, refused }
}
