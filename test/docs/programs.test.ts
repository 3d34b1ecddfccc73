import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { createDispatcher, type Dispatcher } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { freePort, startHttp } from '../loopback.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import {
  blockAt,
  fileNameOf,
  linesOf,
  outputOf,
  programFolder,
  programs,
  type Block,
  type ProgramFolder,
} from './blocks.ts'
import { startProgramRunner, type ProgramRunner } from './program-runner.ts'

const run = promisify(execFile)
const secret = 'secret-of-the-pages'
const silent = { warn(): void {}, error(): void {} }

let folder: ProgramFolder
let runner: ProgramRunner
beforeAll(async () => {
  folder = await programFolder()
  runner = startProgramRunner()
})
afterAll(async () => {
  await runner[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** What stands in for what a page names: hosts, files, ports. */
interface Ground {
  /** Of `*.example.com`. It answers 204, unless it is told otherwise. */
  readonly origin: string
  /** In the order in which they came. */
  readonly requests: readonly { readonly path: string; readonly authorization: string | undefined }[]
  readonly port: number
  status: number
  file(name: string): string
  /** A block as a file. */
  programOf(block: Block): Promise<string>
  /** What a block prints. */
  outputOf(block: Block, env?: Readonly<Record<string, string>>): Promise<readonly string[]>
}

type StandIn = readonly [what: RegExp, by: (found: string) => string]

async function startGround(): Promise<Ground> {
  const requests: { path: string; authorization: string | undefined }[] = []
  const server = await startHttp((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    requests.push({ path, authorization: request.headers.authorization })
    response.writeHead(ground.status).end(ground.status === 204 ? undefined : 'unknown suite')
  })
  const files = await temporaryFolder()
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    await files[Symbol.asyncDispose]()
  })
  const port = await freePort()
  const ofSenders: readonly StandIn[] = [
    [/https:\/\/(?:hooks|ci|audit)\.example\.com(?=\/)/gu, () => server.origin],
    [/createDispatcher\(\{\n/gu, (made) => `${made}  egress: { allow: ['127.0.0.1'] },\n`],
  ]
  const ofAll: readonly StandIn[] = [
    [/(?<=')(?:deploy-hooks|platform)\.db(?=')/gu, (name) => files.file(name)],
    [/\b(?:3000|8080)\b/gu, () => String(port)],
  ]
  const ground: Ground = {
    origin: server.origin,
    requests,
    port,
    status: 204,
    file: (name) => files.file(name),
    programOf(block) {
      const standIns = block.code.includes('createDispatcher(') ? [...ofSenders, ...ofAll] : ofAll
      const code = standIns.reduce((text, [what, by]) => text.replaceAll(what, by), block.code)
      return folder.write(fileNameOf(block), code)
    },
    async outputOf(block, env = {}) {
      const file = await ground.programOf(block)
      return linesOf(await runner.outputOf(file, { DEPLOY_HOOK_SECRET_KEY: secret, ...env }))
    },
  }
  return ground
}

async function printsWhatItSays(
  block: Block,
  ground: Ground,
  env?: Readonly<Record<string, string>>,
): Promise<void> {
  const promised = block.output.length === 0 ? [''] : block.output
  expect(await ground.outputOf(block, env)).toEqual(promised)
}

/** Blocks that need more than a receiver, by page and name. */
const further: Readonly<Record<string, (block: Block, ground: Ground) => Promise<void>>> = {
  'README.md#controller.ts': async (block, ground) => {
    await printsWhatItSays(block, ground)
    expect(ground.requests).toMatchObject([
      { path: '/deploy', authorization: expect.stringMatching(/^[\da-f]{64}$/u) },
    ])
  },
  'README.md#receiver.ts': hears,
  'docs/verifying.md#smallest.ts': hears,
  'README.md#releases.ts': async (block, ground) => {
    await printsWhatItSays(block, ground)
    expect(new Set(ground.requests.map(({ path }) => path))).toEqual(new Set(['/deploy', '/run']))
  },
  'README.md#service.ts': async (block, ground) => {
    const service = start(await ground.programOf(block))
    await vi.waitFor(() => expect(ground.requests).toHaveLength(1))
    service.kill('SIGTERM')
    expect(await once(service, 'exit')).toEqual([0, null])
  },
  'README.md#verifier.ts': async (block) => {
    const handler = await folder.write(fileNameOf(block), block.code)
    const asking = `
      import { signUrl } from 'deploy-hooks'
      import { handle } from ${JSON.stringify(handler)}
      const url = 'https://hooks.example.com/deploy?app=web&release=v4&release_summary=s&sha=&user=u'
      const ask = (secret) => handle(new Request(url, { method: 'POST', headers: { authorization: signUrl(url, { secret }) } }))
      console.log(ask('old').status, ask('wrong').status)
    `
    expect(linesOf(await runner.outputOf(await folder.write('asking.mjs', asking), {}))).toEqual([
      'web v4, signed with secret 1',
      '204 401',
    ])
  },
  'docs/dispatcher.md#operator.ts': async (block, ground) => {
    await using platform = await startedPlatform(ground)
    ground.status = 401
    await (await platform.dispatch({ app: 'web', version: 7, user: 'gabrtv' })).settled()
    ground.status = 204
    await printsWhatItSays(block, ground)
  },
  'docs/recovery.md#back.ts': async (block, ground) => {
    {
      await using platform = await startedPlatform(ground)
      ground.status = 503
      for (const version of [1, 2])
        await (await platform.dispatch({ app: 'web', version, user: 'u' })).settled()
      await platform.disable('smoke-tests')
    }
    ground.status = 204
    await printsWhatItSays(block, ground)
    expect(ground.requests.slice(2)).toHaveLength(2)
  },
  'docs/migrating-from-deis.md#drop-in.ts': async (block, ground) => {
    await printsWhatItSays(block, ground, {
      DEIS_DEPLOY_HOOK_URLS: `${ground.origin}/hook`,
      DEIS_DEPLOY_HOOK_SECRET_KEY: 'k',
      DEPLOY_HOOK_ALLOW: '127.0.0.1',
    })
    expect(ground.requests).toMatchObject([{ authorization: expect.stringMatching(/^[\da-f]{40}$/u) }])
  },
  'docs/postgres.md#controller.ts': async (block, ground) => {
    const database = await databaseWithReleases()
    await printsWhatItSays(block, ground, { DATABASE_URL: database })
    expect(ground.requests).toHaveLength(1)
  },
  'docs/postgres.md#rolled-back.ts': async (block, ground) => {
    await printsWhatItSays(block, ground, { DATABASE_URL: await databaseWithReleases() })
  },
  'docs/slack.md#chat.ts': async (block, ground) => {
    await using chat = await startPlatform('slack')
    await printsWhatItSays(block, ground, { SLACK_WEBHOOK_URL: chat.url })
    expect(chat.received).toMatchObject([{ body: expect.stringContaining('<!here>') }])
  },
  'docs/using.md#conformance.ts': async (block, ground) => {
    const output = await outputOf(await ground.programOf(block), {}) // with a test runner that ends with its process
    expect(linesOf(output)).toContain('ℹ fail 0')
    expect(Number(/^ℹ pass (\d+)$/mu.exec(output)?.[1])).toBeGreaterThan(50)
  },
}

/** A receiver is told by the controller of the README. */
async function hears(block: Block, ground: Ground): Promise<void> {
  const url = `http://127.0.0.1:${ground.port}`
  const onLoopback = ({ code, ...rest }: Block): Block => ({
    ...rest,
    code: code.replaceAll('https://hooks.example.com', url),
  })
  const receiver = start(await ground.programOf(onLoopback(block)))
  await vi.waitFor(() => fetch(url))
  const heard = firstLine(receiver)
  await ground.outputOf(onLoopback(blockAt('README.md', 'controller.ts')))
  expect([await heard]).toEqual(block.output)
}

function start(file: string): ChildProcess {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, DEPLOY_HOOK_SECRET_KEY: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trimEnd()
  return ''
}

/** The platform's own process, which has the file, and sends while an operator looks. One attempt has to do. */
async function startedPlatform(ground: Ground): Promise<Dispatcher> {
  const store = sqliteStore({ path: ground.file('deploy-hooks.db') })
  onTestFinished(() => store.close())
  return createDispatcher({
    hooks: [{ url: `${ground.origin}/run`, id: 'smoke-tests' }],
    secret,
    store,
    egress: { allow: ['127.0.0.1'] },
    retry: { refusedAttempts: 1, delaysMs: [] },
    logger: silent,
  })
}

/** Of a database of its own, in which a platform keeps its releases. */
async function databaseWithReleases(): Promise<string> {
  const admin = new pg.Client({ connectionString: inject('postgres') })
  await admin.connect()
  const name = `pages_${process.pid}_${databases++}`
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const connectionString = inject('postgres').replace(/\/postgres$/u, `/${name}`)
  const owner = new pg.Client({ connectionString })
  await owner.connect()
  await owner.query('CREATE TABLE releases (app text, version int)')
  await owner.end()
  return connectionString
}
let databases = 0

describe('a program of the README, or of a page', () => {
  it.each(programs.map((block) => [`${block.page}#${block.name}`, block] as const))(
    '%s does what it says',
    async (place, block) => {
      await (further[place] ?? printsWhatItSays)(block, await startGround())
    },
  )

  it('has the types that it is written for', async () => {
    await using typed = await programFolder()
    for (const block of programs.filter(({ language }) => language === 'ts'))
      await typed.write(fileNameOf(block), block.code)
    const config = {
      extends: '../../../tsconfig.json',
      // A program is no library, and shows more than it uses.
      compilerOptions: {
        isolatedDeclarations: false,
        declaration: false,
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      include: ['*.ts'],
    }
    const project = await typed.write('tsconfig.json', JSON.stringify(config))
    const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))
    const told = await run(tsc, ['-p', project]).catch((error: { stdout: string }) => error)
    expect(told.stdout).toBe('')
  })

  it('is known where it needs more than a receiver', () => {
    const places = new Set(programs.map(({ page, name }) => `${page}#${name}`))
    expect(Object.keys(further).filter((place) => !places.has(place))).toEqual([])
  })
})
