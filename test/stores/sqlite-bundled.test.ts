import { execFile } from 'node:child_process'
import { cp, rm, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from './temporary.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A platform of one file, as a bundler leaves it: what it imports is there, and files that it does not name are not. */
const platform = `
import { createDispatcher } from './dist/index.js'
import { sqliteStore } from './dist/stores/sqlite/index.js'

const transport = {
  send: async () => ({ kind: 'answer', status: 204, headers: {}, body: Buffer.alloc(0), timings: { totalMs: 1 } }),
  close() {},
}
for (const name of ['one.db', 'other.db']) {
  const store = sqliteStore({ path: name })
  const dispatcher = createDispatcher({ hooks: ['https://hooks.example/'], secret: 's3cret-of-the-tests', store, transport })
  const dispatch = await dispatcher.dispatch({ app: 'web', version: 4, user: 'gabrtv' })
  console.log((await dispatch.settled()).map(({ state }) => state).join())
  await dispatcher.close()
  await store.close()
}
`

let folder: TemporaryFolder
let worker: string
beforeAll(async () => {
  folder = await temporaryFolder()
  worker = folder.file('dist/stores/sqlite/deploy-hooks-sqlite-worker.js')
  await cp(`${root}dist`, folder.file('dist'), { recursive: true })
  await symlink(`${root}node_modules`, folder.file('node_modules'))
  await writeFile(folder.file('package.json'), '{"type":"module"}')
  await writeFile(folder.file('platform.js'), platform)
})
afterAll(() => folder[Symbol.asyncDispose]())
beforeEach(async () => {
  for (const name of ['one.db', 'other.db']) await rm(folder.file(name), { force: true })
})

function run(): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['platform.js'], { cwd: folder.path })
}

describe('the SQLite store of a bundle', () => {
  it('has its thread where nothing is missing', async () => {
    const { stdout, stderr } = await run()
    expect(stdout).toBe('delivered\ndelivered\n')
    expect(stderr).toBe('')
  })

  it('works without the file of its thread, and says once what that costs', async () => {
    await rm(worker)
    const { stdout, stderr } = await run()
    expect(stdout).toBe('delivered\ndelivered\n')
    expect(stderr.match(/could not start its thread/gu)).toHaveLength(1)
    expect(stderr).toMatch(/Keep 'deploy-hooks' out of the bundle/u)
  })

  it('works where the file is there and cannot be run', async () => {
    await writeFile(worker, 'import')
    const { stdout, stderr } = await run()
    expect(stdout).toBe('delivered\ndelivered\n')
    expect(stderr).toMatch(/could not start its thread/u)
  })
})
