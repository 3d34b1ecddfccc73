import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from './stores/temporary.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

let project: TemporaryFolder
let installed: string

/** As `npm install` leaves it: what `npm pack` took, with the packages that it depends on beside it. */
beforeAll(async () => {
  project = await temporaryFolder()
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', project.path]
  const { stdout } = await run('npm', pack, { cwd: root })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  await run('tar', ['-xzf', filename], { cwd: project.path })
  const modules = project.file('node_modules')
  installed = join(modules, 'deploy-hooks')
  await mkdir(modules)
  await rename(project.file('package'), installed)
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '.cache') await symlink(join(root, 'node_modules', name), join(modules, name))
})
afterAll(() => project[Symbol.asyncDispose]())

async function outputOf(name: string, code: string): Promise<string> {
  await writeFile(project.file(name), code)
  const { stdout, stderr } = await run(process.execPath, [name], { cwd: project.path })
  expect(stderr).toBe('')
  return stdout
}

/** Every entry but package.json, by its specifier. */
async function entries(): Promise<readonly string[]> {
  const { exports } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    exports: Record<string, string>
  }
  return Object.keys(exports)
    .filter((name) => name !== './package.json')
    .map((name) => join('deploy-hooks', name))
}

describe('the packed package', () => {
  it('is imported, and required from CommonJS, by each of its entries', async () => {
    const names = await entries()
    expect(names.length).toBeGreaterThan(7)
    const imports = names.map((name) => `import * as _${name.replaceAll(/\W/gu, '_')} from '${name}'`)
    expect(await outputOf('all.mjs', `${imports.join('\n')}\nconsole.log('imported')`)).toBe('imported\n')
    const requires = names.map(
      (name) => `if (Object.keys(require('${name}')).length === 0) throw new Error('${name}')`,
    )
    expect(await outputOf('all.cjs', `${requires.join('\n')}\nconsole.log('required')`)).toBe('required\n')
  })

  it('delivers a release, signed, and verifies it at the other end', async () => {
    const said = await outputOf(
      'smoke.mjs',
      `
      import { createServer } from 'node:http'
      import { once } from 'node:events'
      import { createDispatcher } from 'deploy-hooks'
      import { sqliteStore } from 'deploy-hooks/sqlite'
      import { createReceiver, createVerifier } from 'deploy-hooks/verify'

      const secret = 's3cret-of-the-tests'
      let receiver
      const server = createServer((request, response) => receiver.node(request, response)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = \`http://127.0.0.1:\${server.address().port}/deploy\`
      receiver = createReceiver({
        verifier: createVerifier({ url, secret }),
        onRelease: ({ release }) => console.log(release.app, release.version, release.summary),
      })
      const store = sqliteStore({ path: 'smoke.db' })
      const dispatcher = createDispatcher({ hooks: [url], secret, store, egress: { allow: ['127.0.0.1'] } })
      const dispatch = await dispatcher.dispatch({ app: 'web', version: 4, user: 'gabrtv', sha: '35b3726' })
      console.log((await dispatch.settled()).map(({ state }) => state).join())
      await dispatcher.close()
      await store.close()
      server.close()
      `,
    )
    expect(said).toBe('web v4 gabrtv deployed 35b3726\ndelivered\n')
  })

  it('has every file that one of its documents links to', async () => {
    const broken: string[] = []
    const documents = (await readdir(installed, { recursive: true })).filter((name) => name.endsWith('.md'))
    expect(documents).toContain('README.md')
    expect(documents).toContain(join('docs', 'using.md'))
    for (const document of documents) {
      const text = await readFile(join(installed, document), 'utf8')
      for (const [, link = ''] of text.replaceAll(/```[\s\S]*?```/gu, '').matchAll(/\]\(([^)\s]+)\)/gu)) {
        if (/^[a-z]+:|^#/u.test(link)) continue
        const [path = ''] = link.split('#')
        if (!existsSync(join(installed, dirname(document), path))) broken.push(`${document}: ${link}`)
      }
    }
    expect(broken).toEqual([])
  })
})
