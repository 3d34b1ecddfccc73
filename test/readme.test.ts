import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import * as errors from '../src/errors.ts'
import { createDispatcher } from '../src/index.ts'
import { sqliteStore } from '../src/stores/sqlite/index.ts'
import * as targets from '../src/targets/index.ts'
import { freePort, startHttp } from './loopback.ts'
import { temporaryFolder } from './stores/temporary.ts'

const run = promisify(execFile)
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const blocks = Array.from(readme.matchAll(/```ts\n(.*?)```/gsu), ([, code = '']) => code)
// Inside the project, so that `deploy-hooks` is the project itself, and outside node_modules, where Node strips no types.
const folder = new URL('.readme-blocks/', import.meta.url)

beforeAll(() => mkdir(folder, { recursive: true }))
afterAll(() => rm(folder, { recursive: true, force: true }))

const secret = 'secret-of-the-readme'
const silent = { warn(): void {}, error(): void {} }

/** A block as a file, with the hosts that it names put on loopback. */
async function fileOf(marker: string, replacements: Readonly<Record<string, string>>): Promise<string> {
  const code = blocks.find((block) => block.includes(marker)) ?? ''
  expect(code, `a block with ${marker}`).not.toBe('')
  const named = Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), code)
  const local = named.replaceAll(
    'createDispatcher({\n',
    "createDispatcher({\n  egress: { allow: ['127.0.0.1'] },\n",
  )
  const file = fileURLToPath(new URL(`${blocks.findIndex((block) => block.includes(marker))}.ts`, folder))
  await writeFile(file, local)
  return file
}

async function outputOf(
  marker: string,
  replacements: Readonly<Record<string, string>> = {},
  env: Record<string, string> = {},
): Promise<string> {
  const file = await fileOf(marker, replacements)
  const { stdout } = await run(process.execPath, [file], {
    env: { ...process.env, DEPLOY_HOOK_SECRET_KEY: secret, ...env },
  })
  return stdout
}

/** What a block's comments say that it prints. */
function promisedBy(marker: string): string[] {
  const code = blocks.find((block) => block.includes(marker)) ?? ''
  return Array.from(code.matchAll(/^\/\/ (?!\w+\.ts:)(.*)$/gmu), ([, line = '']) => line)
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trimEnd()
  return ''
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/`)
      .then(() => true)
      .catch(() => false)
    if (answered) return
  }
}

describe('the README', () => {
  it('shows a controller and a receiver that understand each other', async () => {
    const port = await freePort()
    const origin = {
      'https://hooks.example.com': `http://127.0.0.1:${port}`,
      'listen(8080)': `listen(${port}, '127.0.0.1')`,
    }
    const file = await fileOf('// receiver.ts', origin)
    const receiver = spawn(process.execPath, [file], {
      env: { ...process.env, DEPLOY_HOOK_SECRET_KEY: secret },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await listening(port)
      const printed = firstLine(receiver)
      await outputOf('// controller.ts', origin)
      expect([await printed]).toEqual(promisedBy('// receiver.ts'))
    } finally {
      receiver.kill()
    }
  })

  it('shows what releaseUrl and signUrl give', async () => {
    expect((await outputOf('releaseUrl(')).trimEnd().split('\n')).toEqual(promisedBy('releaseUrl('))
  })

  it('shows a dispatcher with events and filters', async () => {
    const paths: (string | undefined)[] = []
    await using server = await startHttp((request, response) => {
      paths.push(request.url?.split('?')[0])
      response.end()
    })
    const local = { 'https://hooks.example.com': server.origin, 'https://ci.example.com': server.origin }
    const output = await outputOf("dispatcher.on('dead'", local)
    expect(output.trimEnd().split('\n')).toEqual(promisedBy("dispatcher.on('dead'"))
    expect(new Set(paths)).toEqual(new Set(['/deploy', '/run']))
  })

  it('shows a handler that verifies', async () => {
    const code = `
      import { signUrl } from 'deploy-hooks'
      import { handle } from './HANDLER'
      const url = 'https://hooks.example.com/deploy?app=web&release=v4&release_summary=s&sha=&user=u'
      const ask = (secret) => handle(new Request(url, { method: 'POST', headers: { authorization: signUrl(url, { secret }) } }))
      console.log(ask('old').status, ask('wrong').status)
    `
    const handler = await fileOf('export function handle', {})
    const file = fileURLToPath(new URL('ask.mjs', folder))
    await writeFile(file, code.replace('./HANDLER', handler))
    const { stdout } = await run(process.execPath, [file])
    expect(stdout).toBe('web v4, signed with secret 1\n204 401\n')
  })

  it('shows what explain() answers', async () => {
    expect((await outputOf('explain(sent)')).trimEnd().split('\n')).toEqual(promisedBy('explain(sent)'))
  })

  it('shows a Standard Webhook, signed and verified', async () => {
    expect((await outputOf('createStandardKeyPair()')).trimEnd().split('\n')).toEqual(
      promisedBy('createStandardKeyPair()'),
    )
  })

  it('shows what the egress guard would not send', async () => {
    expect(
      (await outputOf('// egress.ts'))
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual(promisedBy('// egress.ts'))
  })

  it('makes a dispatcher of the good rows of a table, and tells what is wrong with the others', async () => {
    expect((await outputOf('// table.ts')).trimEnd().split('\n')).toEqual(promisedBy('// table.ts'))
  })

  it('shows targets against emulators, and one of your own', async () => {
    expect((await outputOf('// targets.ts')).trimEnd().split('\n')).toEqual(promisedBy('// targets.ts'))
    expect((await outputOf('// pager.ts')).trimEnd().split('\n')).toEqual(promisedBy('// pager.ts'))
  })

  it('has a row for every target', () => {
    const { defineTarget: _define, ...factories } = targets
    const rows = Array.from(
      readme.matchAll(/^\| `(\w+)\(\)` \|(?: [^|]+ \|){4}$/gmu),
      ([, name = '']) => name,
    )
    expect(rows.toSorted()).toEqual(Object.keys(factories).toSorted())
  })

  it('shows the environment drop-in', async () => {
    let authorization: string | undefined
    await using server = await startHttp((request, response) => {
      ;({ authorization } = request.headers)
      response.end()
    })
    await outputOf(
      '...hooksFromEnv()',
      {},
      {
        DEIS_DEPLOY_HOOK_URLS: `${server.origin}/hook`,
        DEIS_DEPLOY_HOOK_SECRET_KEY: 'k',
        DEPLOY_HOOK_ALLOW: '127.0.0.1',
      },
    )
    expect(authorization).toMatch(/^[0-9a-f]{40}$/u)
  })

  it('shows a controller that may be killed, and what an operator sees and sends again', async () => {
    let status = 401
    const authorizations: (string | undefined)[] = []
    await using server = await startHttp((request, response) => {
      authorizations.push(request.headers.authorization)
      response.writeHead(request.url?.startsWith('/run') === true ? status : 204).end('unknown suite')
    })
    await using files = await temporaryFolder()
    const local = {
      'https://hooks.example.com': server.origin,
      'https://ci.example.com': server.origin,
      'deploy-hooks.db': files.file('deploy-hooks.db'),
    }
    const service = spawn(process.execPath, [await fileOf('// service.ts', local)], {
      env: { ...process.env, DEPLOY_HOOK_SECRET_KEY: secret },
      stdio: 'inherit',
    })
    await vi.waitFor(() => expect(authorizations).toHaveLength(1), 10_000)
    service.kill('SIGTERM')
    expect(await once(service, 'exit')).toEqual([0, null])

    // The platform's own process, which sends while the operator looks.
    await using store = sqliteStore({ path: files.file('deploy-hooks.db') })
    await using dispatcher = createDispatcher({
      hooks: [{ url: `${server.origin}/run`, id: 'smoke-tests' }],
      secret,
      store,
      egress: { allow: ['127.0.0.1'] },
      retry: { refusedAttempts: 1 },
      logger: silent,
    })
    await (await dispatcher.dispatch({ app: 'web', version: 7, user: 'gabrtv' })).settled()
    status = 204
    expect((await outputOf('// operator.ts', local)).trimEnd().split('\n')).toEqual(
      promisedBy('// operator.ts'),
    )
  })

  it('records in the transaction of a controller that shares a Postgres', async () => {
    await using server = await startHttp((_, response) => void response.writeHead(204).end())
    const name = `readme_${process.pid}`
    const admin = new pg.Client({ connectionString: inject('postgres') })
    await admin.connect()
    onTestFinished(() => admin.end())
    await admin.query(`CREATE DATABASE ${name}`)
    const connectionString = inject('postgres').replace(/\/postgres$/u, `/${name}`)
    const owner = new pg.Client({ connectionString })
    await owner.connect()
    await owner.query('CREATE TABLE releases (app text, version int)')
    const told = await outputOf(
      '// controller.ts: on any number',
      { 'https://hooks.example.com/deploy': `${server.origin}/deploy` },
      { DATABASE_URL: connectionString },
    )
    expect(told).toMatch(/^\S+ delivered\n$/u)
    const { rows } = await owner.query('SELECT state, app FROM deploy_hooks.deliveries, public.releases')
    expect(rows).toEqual([{ state: 'delivered', app: 'web' }])
    await owner.end()
  })

  it('shows triggers', async () => {
    await using files = await temporaryFolder()
    const port = String(await freePort())
    const local = { "'platform.db'": JSON.stringify(files.file('platform.db')), '3000': port }
    expect((await outputOf('// platform.ts', local)).trimEnd().split('\n')).toEqual(
      promisedBy('// platform.ts'),
    )
  })

  it('lists every error code, with its status where it has one', async () => {
    const text = await readFile(new URL('../src/errors.ts', import.meta.url), 'utf8')
    const unions = /export type (?:Configuration|Store|Verification)ErrorCode =\n((?: {2}\| '\w+'\n)+)/gu
    const codes = Array.from(text.matchAll(unions), ([, list = '']) =>
      Array.from(list.matchAll(/'(\w+)'/gu), ([, code = '']) => code),
    )
    const [configuration = [], store = [], verification = []] = codes
    expect(configuration).toHaveLength(10)
    expect(store).toHaveLength(10)
    expect(verification).toHaveLength(23)
    const others = ['release_invalid', 'dispatcher_closed', 'delivery_unknown', 'hook_unknown']
    for (const code of [...configuration, ...store, ...others]) {
      expect(readme).toContain(`| \`${code}\` |`)
    }
    for (const code of verification as errors.VerificationErrorCode[]) {
      expect(readme).toContain(`| \`${code}\` ${new errors.HookVerificationError(code).status} |`)
    }
  })

  it('has no block that is not run here', () => {
    expect(blocks).toHaveLength(16)
  })
})
