import { createHmac } from 'node:crypto'
import { EventEmitter, on, once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest, type RequestListener, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDispatcher, releaseUrl, signUrl, type ReleaseInput } from '../src/index.ts'
import { sqliteStore } from '../src/stores/sqlite/index.ts'
import { startExample, type ExampleProcess } from './example-process.ts'
import { freePort, startHttp, type Loopback } from './loopback.ts'
import { temporaryFolder } from './stores/temporary.ts'

const secret = 'my_secret_key'
const hookUrl = 'https://hooks.example.com/hooks/deploy'
const receiverEnv = { PORT: '0', HOOK_URL: hookUrl, DEPLOY_HOOK_SECRET_KEY: secret }
const web: ReleaseInput = { app: 'web', version: 'v4', user: 'gabrtv', sha: '35b3726' }

async function portOf(receiver: ExampleProcess): Promise<number> {
  const [, port] = await receiver.line(/^listening .*port: (\d+)/u)
  return Number(port)
}

/** What a controller sends to {@link hookUrl}, as it arrives at the receiver behind it. */
async function deliver(receiver: ExampleProcess, release: ReleaseInput, key = secret): Promise<Response> {
  const signed = releaseUrl(hookUrl, release)
  const target = signed.slice('https://hooks.example.com'.length)
  return fetch(`http://127.0.0.1:${await portOf(receiver)}${target}`, {
    method: 'POST',
    headers: { authorization: signUrl(signed, { secret: key }) },
  })
}

describe('controller.ts', () => {
  it('delivers a release that receiver-node.ts verifies, through a proxy', async () => {
    let port = 0
    await using proxy = await startHttp((request, response) => forward(port)(request, response))
    const url = `${proxy.origin}/hooks/deploy`
    await using receiver = startExample('receiver-node.ts', { env: { ...receiverEnv, HOOK_URL: url } })
    port = await portOf(receiver)

    await using controller = startExample('controller.ts', {
      args: [url],
      env: { DEPLOY_HOOK_SECRET_KEY: secret },
    })

    expect(await controller.exited).toBe(0)
    expect(controller.output.split('\n')).toEqual([
      'released secure-woodland v4: gabrtv deployed 35b3726',
      `${url}: delivered, 204`,
      '1 of 1 hooks know',
    ])
    await receiver.line(/^secure-woodland v4: gabrtv deployed 35b3726$/u)
  })

  it('says which hook is dead, and ends with 1', async () => {
    await using gone = await startHttp((_request, response) => response.writeHead(410).end())
    await using good = await startHttp((_request, response) => response.writeHead(204).end())
    await using controller = startExample('controller.ts', {
      args: [`${gone.origin}/gone`, `${good.origin}/good`],
      env: { DEPLOY_HOOK_SECRET_KEY: secret },
    })

    expect(await controller.exited).toBe(1)
    expect(controller.output).toContain(`${gone.origin}/gone: dead, status-410`)
    expect(controller.output).toContain(`${good.origin}/good: delivered, 204`)
    expect(controller.output).toContain('1 of 2 hooks know')
  })

  it('ends at once on Ctrl-C while it waits to try again', async () => {
    await using busy = await startHttp((_request, response) =>
      response.writeHead(503, { 'retry-after': '3600' }).end(),
    )
    await using controller = startExample('controller.ts', {
      args: [`${busy.origin}/deploy`],
      env: { DEPLOY_HOOK_SECRET_KEY: secret },
    })
    await controller.line(/: retrying, status-503$/u)

    controller.kill('SIGINT')

    expect(await controller.exited).toBe(1)
    expect(controller.output).toContain('0 of 1 hooks know')
  })
})

describe('on a store file', () => {
  let folder = ''
  let file = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-example-'))
    file = join(folder, 'deploy-hooks.db')
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  const start = (example: string, { origin }: Loopback, ...args: readonly string[]): ExampleProcess =>
    startExample(example, {
      args: [file, ...args],
      env: {
        PORT: '0',
        DEPLOY_HOOK_URLS: `${origin}/deploy`,
        DEPLOY_HOOK_SECRET_KEY: secret,
        DEPLOY_HOOK_ALLOW: '127.0.0.1',
        CLOSE_DEADLINE_MS: '200',
      },
    })

  /** Asks a controller for a release. */
  const post = async (controller: ExampleProcess, body: unknown): Promise<Response> =>
    fetch(`http://127.0.0.1:${await portOf(controller)}/releases`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const release = async (controller: ExampleProcess, version = 4): Promise<string> => {
    const response = await post(controller, { ...web, version })
    expect(response.status).toBe(202)
    return ((await response.json()) as [string])[0]
  }

  describe('controller-service.ts', () => {
    it('delivers after a restart, under the same id, what a receiver had let hang at SIGTERM', async () => {
      await using receiver = await startDouble('hang')
      await using before = start('controller-service.ts', receiver)
      const id = await release(before)
      await receiver.came(1)

      before.kill('SIGTERM')
      expect(await before.exited).toBe(0)
      expect(before.output).not.toContain('timeout') // handed back within the deadline, untried
      expect(before.output).toContain(`stopped: 1 deliveries wait in ${file}`)

      receiver.answer('accept')
      await using after = start('controller-service.ts', receiver)
      await after.line(new RegExp(`^${id} hook_\\w+ ${receiver.origin}/deploy: delivered, status-204$`, 'u'))
      expect(receiver.ids).toEqual([id, id])
    })

    it('takes no more releases at SIGTERM, and finishes what is in flight', async () => {
      await using receiver = await startDouble('hang')
      await using controller = start('controller-service.ts', receiver)
      await release(controller)
      await receiver.came(1)

      controller.kill('SIGTERM')
      await controller.line(/^stopping$/u)
      await expect(post(controller, web)).rejects.toThrow('fetch failed')
      receiver.answer('accept')

      expect(await controller.exited).toBe(0)
      expect(controller.output).toMatch(/: delivered, status-204\nstopped: 0 deliveries wait in /u)
      expect(await readdir(folder)).toEqual(['deploy-hooks.db']) // the store is closed
    })

    it('says what is wrong with a request, and takes a repeated release for the same one', async () => {
      await using receiver = await startDouble('accept')
      await using controller = start('controller-service.ts', receiver)

      const broken = await post(controller, '{')
      const incomplete = await post(controller, { app: 'web', version: 4 })
      const elsewhere = await fetch(`http://127.0.0.1:${await portOf(controller)}/`)

      expect([broken.status, incomplete.status, elsewhere.status]).toEqual([400, 400, 404])
      expect(await incomplete.json()).toMatch(/^release\.user: /u)
      expect(await release(controller)).toBe(await release(controller))
      await controller.line(/: delivered, status-204$/u)
      expect(receiver.ids).toHaveLength(1)
    })
  })

  describe('many-machines.ts', () => {
    it('tells of what is committed alone, and goes on when a worker is killed', async () => {
      await using example = startExample('many-machines.ts', { env: { DATABASE_URL: inject('postgres') } })
      expect(await example.exited).toBe(0)
      const lines = example.output.trimEnd().split('\n')
      for (const version of ['v1', 'v3']) {
        const told = lines
          .filter((line) => line.endsWith(` of ${version}`))
          .map((line) => line.split(' ')[3] ?? '')
        expect(told.toSorted()).toEqual(['audit', 'chat', 'mirror', 'smoke-tests'])
      }
      expect(lines).toContain('v2 ROLLBACK: 0 deliveries')
      const later = lines.slice(lines.indexOf('worker 1 was killed'))
      expect(later.filter((line) => line.startsWith('worker 1 told'))).toEqual([])
      expect(lines.at(-1)).toMatch(/^worker 2 went on after \d+ s$/u)
    })
  })

  describe('replay.ts', () => {
    it('shows what is dead and sends it again at a pace, while the controller runs', async () => {
      await using receiver = await startDouble('refuse')
      await using controller = start('controller-service.ts', receiver)
      const since = new Date().toISOString()
      const ids = [await release(controller, 1), await release(controller, 2)]
      for (const id of ids) await controller.line(new RegExp(`^${id} .*: dead, status-503$`, 'u'))

      await using shown = start('replay.ts', receiver)
      expect(await shown.exited).toBe(0)
      const [, hook = ''] = await shown.line(/^(hook_\w+) dead: 2$/u)
      for (const [index, id] of ids.entries())
        expect(shown.output).toContain(
          `\n${id} ${hook} web v${index + 1}: dead (retry-after), attempts: 1, status-503\n  last attempt at `,
        )
      expect(shown.output.match(/attempt at \S+Z: 503 'down\\nuntil 4'$/gmu)).toHaveLength(2)

      receiver.answer('accept')
      const startedAt = performance.now()
      await using replay = start('replay.ts', receiver, '--hook', hook, '--since', since, '--per-second', '1')
      expect(await replay.exited).toBe(0)
      expect(performance.now() - startedAt).toBeGreaterThan(1000) // the second one is due a second later
      expect(replay.output).toContain('2 deliveries to send again')
      expect(replay.output.match(/(?<=: delivered, .*again for )\w+/gu)).toEqual(ids)
      expect(new Set(receiver.ids).size).toBe(receiver.ids.length) // each once, whoever of the two sends it
      expect(receiver.ids).toHaveLength(4)
    })

    it('sends one delivery again, and ends with 0 only when it is delivered', async () => {
      await using receiver = await startDouble('refuse')
      const id = await recordOne(receiver)

      await using refused = start('replay.ts', receiver, id)
      expect(await refused.exited).toBe(1)
      expect(refused.output).toContain(`web v4: dead (retry-after), attempts: 1, status-503, again for ${id}`)

      receiver.answer('hang')
      await using interrupted = start('replay.ts', receiver, id)
      await receiver.came(3)
      interrupted.kill('SIGINT')
      expect(await interrupted.exited).toBe(1)
      expect(interrupted.output).toContain(`web v4: waiting, attempts: 0, again for ${id}`)

      await using shown = start('replay.ts', receiver)
      expect(await shown.exited).toBe(0)
      expect(shown.output).toMatch(/^hook_\w+ waiting: 1$/mu)
      expect(shown.output.match(/web v4: .*/gu)).toEqual([
        `web v4: dead (retry-after), attempts: 1, status-503, again for ${id}`, // that one was not sent again
      ])
      expect(receiver.ids).toHaveLength(3) // shown, not sent

      receiver.answer('accept')
      await using accepted = start('replay.ts', receiver, id)
      expect(await accepted.exited).toBe(0)
      expect(accepted.output).toContain(`web v4: delivered, attempts: 1, status-204, again for ${id}`)
      expect(receiver.ids.slice(3)).toContain(receiver.ids[2]) // what was interrupted goes on
    })

    it('makes no file where there is none, and says what cannot be sent', async () => {
      await using receiver = await startDouble('gone')
      await using missing = start('replay.ts', receiver)
      expect(await missing.exited).toBe(1)
      expect(missing.output).toContain(`Expected the file of a controller, got ${file}: it is not there.`)
      expect(await readdir(folder)).toEqual([])

      await recordOne(receiver)
      await using shown = start('replay.ts', receiver)
      await using unknown = start('replay.ts', receiver, 'dlv_1')
      expect(await shown.exited).toBe(0)
      expect(shown.output).toMatch(/^hook_\w+ is disabled: gone$/mu)
      expect(await unknown.exited).toBe(1)
      expect(unknown.output).toContain('Expected the id of a recorded delivery, got `dlv_1`')
    })

    /** Leaves a release in the file, as its receiver had it end. */
    async function recordOne({ origin }: Loopback): Promise<string> {
      await using store = sqliteStore({ path: file })
      const logger = { warn() {}, error() {} }
      await using dispatcher = createDispatcher({
        hooks: [`${origin}/deploy`],
        secret,
        egress: { allow: ['127.0.0.1'] },
        store,
        logger,
      })
      const { deliveries, settled } = await dispatcher.dispatch(web)
      await settled()
      return deliveries[0]?.id ?? ''
    }
  })
})

describe('receiver-node.ts', () => {
  it('prints the release of a verified delivery', async () => {
    await using receiver = startExample('receiver-node.ts', { env: receiverEnv })

    const response = await deliver(receiver, { ...web, user: 'zoë', summary: 'zoë changed A & B' })

    expect(response.status).toBe(204)
    await receiver.line(/^web v4: zoë changed A & B$/u)
  })

  it('refuses another secret, and explains it when asked to', async () => {
    await using receiver = startExample('receiver-node.ts', { env: { ...receiverEnv, EXPLAIN: '1' } })

    const response = await deliver(receiver, web, 'another_secret')

    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'signature_mismatch' } })
    await receiver.line(/signature_mismatch/u)
    await receiver.line(/secrets differ/u)
    expect(receiver.output).not.toContain(secret)
  })
})

describe('receiver-express.ts', () => {
  it('prints the release of a verified delivery to the path it is mounted under', async () => {
    await using receiver = startExample('receiver-express.ts', { env: receiverEnv })

    const response = await deliver(receiver, web)

    expect(response.status).toBe(204)
    await receiver.line(/^web v4: gabrtv deployed 35b3726$/u)
  })

  it('refuses an unsigned request there, and knows no other path', async () => {
    await using receiver = startExample('receiver-express.ts', { env: receiverEnv })
    const origin = `http://127.0.0.1:${await portOf(receiver)}`

    const unsigned = await fetch(`${origin}/hooks/deploy?app=web`, { method: 'POST' })
    const elsewhere = await fetch(`${origin}/deploy?app=web`, { method: 'POST' })

    expect(unsigned.status).toBe(401)
    expect(elsewhere.status).toBe(404)
    await receiver.line(/^refused: authorization_missing$/u)
  })
})

describe('test-suite.ts', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-suite-'))
    await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { test: 'node suite.mjs' } }))
    // A suite that takes as long and ends with the exit code that the test says.
    await writeFile(
      join(folder, 'suite.mjs'),
      `const response = await fetch(process.env.GATE, { method: 'POST', body: JSON.stringify(process.env) })
       process.exit(Number(await response.text()))`,
    )
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const start = (gate: string, env: Readonly<Record<string, string>> = {}): ExampleProcess =>
    startExample('test-suite.ts', { args: [folder], env: { ...receiverEnv, GATE: gate, ...env } })

  it('runs the suite with the facts of the release, without the secret, and reports its exit code', async () => {
    await using gate = await startGate()
    await using integrator = start(gate.origin)

    expect((await deliver(integrator, web)).status).toBe(204)
    const suite = await gate.nextSuite()
    expect(suite.env).toMatchObject({
      RELEASE_APP: 'web',
      RELEASE_VERSION: 'v4',
      RELEASE_SHA: '35b3726',
      RELEASE_USER: 'gabrtv',
      RELEASE_SUMMARY: 'gabrtv deployed 35b3726',
      RELEASE_STAGE: 'released',
      RELEASE_ENVIRONMENT: '',
    })
    expect(JSON.stringify(suite.env)).not.toContain(secret)

    suite.finish(0)
    await integrator.line(/^web v4: passed after \d+\.\d s, exit code 0$/u)
  })

  it('answers while a suite runs, and runs one suite of an app at a time', async () => {
    await using gate = await startGate()
    await using integrator = start(gate.origin)
    await deliver(integrator, { ...web, version: 'v1' })
    const first = await gate.nextSuite()

    expect((await deliver(integrator, { ...web, version: 'v2' })).status).toBe(204)
    await deliver(integrator, { ...web, app: 'api', version: 'v1' })
    const ofOtherApp = await gate.nextSuite()
    expect(ofOtherApp.env['RELEASE_APP']).toBe('api')
    expect(integrator.output).not.toContain('web v2: running')

    first.finish(3)
    await integrator.line(/^web v1: failed after \d+\.\d s, exit code 3$/u)
    const second = await gate.nextSuite()
    expect(second.env['RELEASE_VERSION']).toBe('v2')
    second.finish(0)
    await integrator.line(/^web v2: passed/u)
    ofOtherApp.finish(0)
    await integrator.line(/^api v1: passed/u)
  })

  it('acknowledges a repeated delivery without running the suite again, and runs it for another stage', async () => {
    await using gate = await startGate()
    await using integrator = start(gate.origin)
    await deliver(integrator, web)
    const suite = await gate.nextSuite()

    expect((await deliver(integrator, web)).status).toBe(200)
    await deliver(integrator, { ...web, stage: 'failed', environment: 'eu' })

    suite.finish(0)
    expect((await gate.nextSuite()).env).toMatchObject({
      RELEASE_VERSION: 'v4',
      RELEASE_STAGE: 'failed',
      RELEASE_ENVIRONMENT: 'eu',
    })
    expect(integrator.output.match(/: running/gu)).toHaveLength(2)
  })

  it('stops a suite that takes too long', async () => {
    await using gate = await startGate()
    await using integrator = start(gate.origin, { SUITE_LIMIT_MS: '300' })

    await deliver(integrator, web)

    await integrator.line(/^web v4: stopped after \d+\.\d s/u)
  })

  it('ends with all that its suites started', async () => {
    await using gate = await startGate()
    await using integrator = start(gate.origin)
    await deliver(integrator, web)
    const suite = await gate.nextSuite()

    integrator.kill('SIGTERM')

    await suite.gone
    expect(await integrator.exited).toBe(0)
  })

  it('reports a folder that is not there, and goes on', async () => {
    await using integrator = startExample('test-suite.ts', {
      args: [join(folder, 'missing')],
      env: receiverEnv,
    })

    await deliver(integrator, web)
    await integrator.line(/ENOENT/u)

    expect((await deliver(integrator, { ...web, version: 'v5' })).status).toBe(204)
  })
})

describe('from-environment.ts', () => {
  it('sends and signs as the Deis controller does, from its variables', async () => {
    const received: (readonly [url: string | undefined, authorization: string | undefined])[] = []
    await using server = await startHttp((request, response) => {
      received.push([request.url, request.headers.authorization])
      response.writeHead(200).end()
    })

    await using controller = startExample('from-environment.ts', {
      env: {
        DEIS_DEPLOY_HOOK_URLS: `${server.origin}/one,${server.origin}/two`,
        DEIS_DEPLOY_HOOK_SECRET_KEY: secret,
        DEPLOY_HOOK_ALLOW: '127.0.0.1',
      },
    })

    expect(await controller.exited).toBe(0)
    expect(controller.output.split('\n').toSorted()).toEqual([
      '2 hooks, sha1, dialect deis',
      `${server.origin}/one: delivered, status-200`,
      `${server.origin}/two: delivered, status-200`,
    ])
    const sent = ['/one', '/two'].map((path) => {
      const target = `${path}?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv`
      return [target, createHmac('sha1', secret).update(`${server.origin}${target}`).digest('hex')]
    })
    expect(received).toHaveLength(2)
    expect(received).toEqual(expect.arrayContaining(sent))
  })
})

describe('check-hooks.ts', () => {
  it('tells which hooks would be sent to, and why not, without sending', async () => {
    let requests = 0
    await using server = await startHttp((_request, response) => {
      requests += 1
      response.end()
    })
    const env = {
      DEPLOY_HOOK_URLS: `${server.origin}/one?token=abcdef,http://10.20.0.7/two`,
      DEPLOY_HOOK_SECRET_KEY: secret,
    }

    await using strict = startExample('check-hooks.ts', { env })
    await using allowed = startExample('check-hooks.ts', {
      env: { ...env, DEPLOY_HOOK_ALLOW: '127.0.0.1,10.20.0.0/16' },
    })

    expect(await strict.exited).toBe(1)
    expect(strict.output).toMatch(
      /^hook_\w+ http:\/\/127\.0\.0\.1:\d+\/one: 127\.0\.0\.1 is a loopback address/mu,
    )
    expect(strict.output).toMatch(/10\.20\.0\.7\/two: 10\.20\.0\.7 is a private address/u)
    expect(await allowed.exited).toBe(0)
    expect(allowed.output).toMatch(/\/one: ok$/mu)
    expect(strict.output + allowed.output).not.toContain('abcdef')
    expect(requests).toBe(0)
  })
})

describe('check-table.ts', () => {
  it('tells which rows are hooks, and all that is wrong with the others, without a token of them', async () => {
    await using folder = await temporaryFolder()
    const url = 'https://hooks.example.com/deploy'
    const rows = [
      { url: `${url}?token=abcdef` },
      { url: `${url} `, after: 'faild' },
      { url: `${url}?token=abcdef` },
      { url: 'http://10.0.0.1/', id: 'inside' },
      7,
    ]
    await writeFile(folder.file('hooks.json'), JSON.stringify(rows))
    await using example = startExample('check-table.ts', {
      args: [folder.file('hooks.json')],
      env: { DEPLOY_HOOK_SECRET_KEY: secret },
    })

    expect(await example.exited).toBe(1)
    expect(example.output.split('\n').map((line) => line.replace(/, got .*|: 10\.0.*/u, ''))).toEqual([
      "row 1: after: Expected one of 'released', 'succeeded', 'failed', 'rolled-back', or a list of them",
      'row 1: url: Expected a URL without white space',
      'row 3: The hook will not be sent to',
      'row 4: hook: Expected a URL, or an object with the options of a hook',
      'row 2: Expected every hook once',
      '2 of 5 rows are hooks',
    ])
    expect(example.output).not.toContain('abcdef')
  })
})

describe('an example without a secret', () => {
  it.each(['controller.ts', 'receiver-node.ts', 'receiver-express.ts', 'test-suite.ts'])(
    '%s does not start, and says what is missing',
    async (file) => {
      await using example = startExample(file, { args: ['http://localhost:3000/deploy'], env: { PORT: '0' } })

      expect(await example.exited).toBe(1)
      expect(example.output).toContain(
        'secret: Expected a secret, a string that is not blank, got an empty string: ',
      )
    },
  )
})

type Answer = 'accept' | 'refuse' | 'gone' | 'hang'

interface Double extends Loopback {
  /** Of the deliveries that came, in the order in which they did. */
  readonly ids: readonly string[]
  /** Resolves when so many have come. */
  came(count: number): Promise<void>
  /** Says how the next ones are answered, and those that hang. */
  answer(answer: Answer): void
}

/** A refused one is dead at once: the receiver asks for more patience than the schedule has. */
const statuses = { accept: 204, refuse: 503, gone: 410 } as const

/** A receiver that answers as it is told to. */
async function startDouble(first: Answer): Promise<Double> {
  let answer = first
  const ids: string[] = []
  const events = new EventEmitter()
  const waiting: ServerResponse[] = []
  const reply = (response: ServerResponse): void => {
    if (answer === 'hang') waiting.push(response)
    else response.writeHead(statuses[answer], { 'retry-after': '99999999' }).end('down\nuntil 4')
  }
  const server = await startHttp((request, response) => {
    ids.push(String(request.headers['idempotency-key']).replaceAll('"', ''))
    reply(response)
    events.emit('delivery')
  })
  return Object.assign(server, {
    ids,
    async came(count: number) {
      while (ids.length < count) await once(events, 'delivery')
    },
    answer(next: Answer) {
      answer = next
      for (const response of waiting.splice(0)) reply(response)
    },
  })
}

/** A reverse proxy. */
function forward(port: number): RequestListener {
  return (request, response) => {
    const { method, url: path, headers } = request
    const onward = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  }
}

/** A suite that runs. */
interface Suite {
  readonly env: Readonly<Record<string, string>>
  finish(exitCode: number): void
  /** Resolves when its process has ended. */
  readonly gone: Promise<void>
}

interface Gate extends AsyncDisposable {
  readonly origin: string
  nextSuite(): Promise<Suite>
}

/** Where suites tell that they run, and wait to be told how they end. */
async function startGate(): Promise<Gate> {
  const arrivals = new EventEmitter()
  const suites = on(arrivals, 'suite')
  const server = await startHttp(async (request, response) => {
    const gone = new Promise<void>((resolve) => void response.once('close', resolve))
    const env = await json(request).catch(() => undefined) // stopped before it had said all
    const finish = (exitCode: number): void => void response.end(String(exitCode))
    if (env !== undefined) arrivals.emit('suite', { env, finish, gone })
  })
  return {
    origin: server.origin,
    async nextSuite() {
      const { value } = await suites.next()
      return (value as [Suite])[0]
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

describe('triggers.ts', () => {
  it('deploys what is called, and tells a hook how it ended', async () => {
    const told = Promise.withResolvers<URL>()
    await using receiver = await startHttp((request, response) => {
      told.resolve(new URL(request.url ?? '', 'http://localhost'))
      response.writeHead(204).end()
    })
    const port = await freePort()
    await using folder = await temporaryFolder()
    const env = {
      PORT: String(port),
      STORE: folder.file('platform.db'),
      DEPLOY_HOOK_SECRET_KEY: secret,
      DEPLOY_MS: '50',
    }
    await using platform = startExample('triggers.ts', { args: [`${receiver.origin}/deploy`], env })
    const [, url = ''] = await platform.line(/^curl -X POST (\S+)/u)

    const calls = await Promise.all(Array.from({ length: 5 }, () => fetch(url, { method: 'POST' })))

    expect(calls.map(({ ok }) => ok)).toEqual([true, true, true, true, true])
    await platform.line(/^deploying web v1 to production: main$/u)
    const { searchParams } = await told.promise
    expect(Object.fromEntries(searchParams)).toMatchObject({
      app: 'web',
      release: 'v1',
      release_stage: 'succeeded',
      release_deployment: expect.stringMatching(/^dep_/u),
    })
    await platform.line(/^web v1 is live$/u)
  })
})
