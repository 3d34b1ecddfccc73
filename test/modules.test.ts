import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { version } from '../src/version.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Every module that the code loads, as the built package gives it out: names of packages, and `node:` modules. */
async function loadedBy(code: string): Promise<{
  readonly packages: readonly string[]
  readonly builtins: readonly string[]
  readonly own: readonly string[]
}> {
  const trace = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    await (async () => { ${code} })()
    console.log(JSON.stringify(loaded))
  `
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', trace], { cwd: root })
  const urls = JSON.parse(stdout) as readonly string[]
  const packages = urls.flatMap(
    (url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/u.exec(url)?.[1] ?? [],
  )
  return {
    packages: [...new Set(packages)],
    builtins: [...new Set(urls.filter((url) => url.startsWith('node:')))],
    own: urls.filter((url) => url.includes('/dist/') && !url.includes('/node_modules/')),
  }
}

describe('importing', () => {
  it('deploy-hooks/verify loads no package, and of Node node:crypto alone', async () => {
    expect(await loadedBy(`await import('deploy-hooks/verify')`)).toMatchObject({
      packages: [],
      builtins: ['node:crypto'],
    })
  })

  it('deploy-hooks/verify and verifying loads nothing more', async () => {
    const code = `
      const { createVerifier } = await import('deploy-hooks/verify')
      const verifier = createVerifier({ url: 'https://hooks.example.com/deploy', secret: 'k' })
      verifier.explain({ url: '/deploy?app=a', headers: {} })
      const { createStandardReceiver, createStandardVerifier } = await import('deploy-hooks/verify')
      const standard = createStandardVerifier({ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
      standard.explain({ headers: { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' }, body: '{}' })
      createStandardReceiver({ verifier: standard, onDelivery() {} })
    `
    expect(await loadedBy(code)).toMatchObject({ packages: [], builtins: ['node:crypto'] })
  })

  it('deploy-hooks and creating a dispatcher loads p-queue, p-retry, zod and ipaddr.js, and not got', async () => {
    const code = `
      const { createDispatcher } = await import('deploy-hooks')
      createDispatcher({ hooks: ['https://hooks.example.com/'], secret: 'k' })
    `
    const { packages } = await loadedBy(code)
    expect(packages).toEqual(expect.arrayContaining(['ipaddr.js', 'p-queue', 'p-retry', 'zod']))
    expect(packages).not.toContain('got')
  })

  it('deploy-hooks/testing loads no package', async () => {
    expect((await loadedBy(`await import('deploy-hooks/testing')`)).packages).toEqual([])
  })

  it('deploy-hooks/sqlite loads no package', async () => {
    expect((await loadedBy(`await import('deploy-hooks/sqlite')`)).packages).toEqual([])
  })

  it('deploy-hooks/triggers loads nothing of the dispatcher', async () => {
    const { packages, own } = await loadedBy(`
      const { createTriggers } = await import('deploy-hooks/triggers')
    `)
    expect(packages.toSorted()).toEqual(['ipaddr.js', 'p-queue', 'zod'])
    expect(own.filter((path) => /\/dist\/(?:dispatch|http|targets)\//u.test(path))).toEqual([])
  })

  it('got waits for the first request', async () => {
    const code = `
      const { createDispatcher } = await import('deploy-hooks')
      const dispatcher = createDispatcher({ hooks: ['http://127.0.0.1:9/'], secret: 'k', egress: { allow: ['127.0.0.1'] }, retry: { delaysMs: [], connect: { retries: 0, minTimeout: 0, maxTimeout: 0, factor: 1 } }, logger: { warn() {}, error() {} } })
      const dispatch = await dispatcher.dispatch({ app: 'web', version: 1, user: 'u' })
      await dispatch.settled()
      await dispatcher.close()
    `
    expect((await loadedBy(code)).packages).toContain('got')
  })
})

describe('the project', () => {
  it('runs its tests on Node 24, which it brings itself', () => {
    expect(process.versions.node).toMatch(/^24\./u)
    expect(packageJson.devDependencies['node']).toMatch(/^\^24/u)
  })

  it('sends the version of its package in the User-Agent', () => {
    expect(version).toBe(packageJson.version)
  })
})

describe('the source', () => {
  const folder = fileURLToPath(new URL('../src', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  )
  const filesWith = (pattern: RegExp): readonly string[] =>
    files.filter((path) => pattern.test(readFileSync(join(folder, path), 'utf8')))

  it.each([
    ['by RegExp', /\bRegExp\s*\(/u],
    [
      'by what makes one of a text that it is given',
      /(?<!assert|address)\.(?:match|matchAll|search)\((?!\/)/u,
    ],
  ])('makes no regular expression of a text, since one of strangers could run for ever: %s', (_, pattern) => {
    expect(files.length).toBeGreaterThan(100)
    expect(filesWith(pattern)).toEqual([])
  })
})
