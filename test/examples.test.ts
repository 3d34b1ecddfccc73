import { createHmac } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest, type RequestListener } from 'node:http'
import { json } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { releaseUrl, signUrl, type ReleaseInput } from '../src/index.ts'
import { startExample, type ExampleProcess } from './example-process.ts'
import { startHttp } from './loopback.ts'

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

  it('acknowledges a repeated delivery without running the suite again', async () => {
    await using gate = await startGate()
    await using integrator = start(gate.origin)
    await deliver(integrator, web)
    const suite = await gate.nextSuite()

    expect((await deliver(integrator, web)).status).toBe(200)
    await deliver(integrator, { ...web, version: 'v5' })

    suite.finish(0)
    expect((await gate.nextSuite()).env['RELEASE_VERSION']).toBe('v5')
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

describe('an example without a secret', () => {
  it.each(['controller.ts', 'receiver-node.ts', 'receiver-express.ts', 'test-suite.ts'])(
    '%s does not start, and says what is missing',
    async (file) => {
      await using example = startExample(file, { args: ['http://localhost:3000/deploy'], env: { PORT: '0' } })

      expect(await example.exited).toBe(1)
      expect(example.output).toContain('secret: Expected a non-empty secret string, got an empty string.')
    },
  )
})

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
