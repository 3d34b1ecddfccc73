import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { startHttp } from '../loopback.ts'
import { temporaryFolder, type TemporaryFolder } from '../stores/temporary.ts'
import { everyTarget, marks } from './every-target.ts'
import { send } from './sending.ts'

/** What may be found of a secret: its start, as it is, and in base64 wherever it stands there. */
const needles = Object.entries(marks).flatMap(([name, mark]) => [
  [name, mark.slice(0, 10)],
  [name, Buffer.from(mark.slice(0, 12)).toString('base64')],
]) as readonly (readonly [string, string])[]

function foundIn(where: string, text: string): string[] {
  return needles
    .filter(([, needle]) => text.includes(needle))
    .map(
      ([name, needle]) =>
        `${name} in ${where}: …${text.slice(Math.max(0, text.indexOf(needle) - 80), text.indexOf(needle) + 30)}…`,
    )
}

/** Tells whoever asks all that it was sent, wherever a target may read it. */
async function startEcho(status: number, isText: boolean): ReturnType<typeof startHttp> {
  return startHttp((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const echo = [request.url, ...request.rawHeaders, body].join(' ').slice(0, 150)
      const all = [request.url, ...request.rawHeaders, body].join(' ')
      const fields = {
        id: echo,
        url: echo,
        error: echo,
        message: echo,
        detail: echo,
        status: 'x',
        deploymentId: echo,
        all,
      }
      response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' })
      response.end(isText ? echo : JSON.stringify(fields))
    })
  })
}

const names = Object.keys(everyTarget('http://127.0.0.1:1'))

describe.each([
  [200, false],
  [202, false],
  [404, false],
  [404, true],
  [500, false],
] as const)(
  'a receiver that answers %i and all that it was sent (as one line of text: %s)',
  (status, isText) => {
    let folder: TemporaryFolder
    let store: Store
    beforeAll(async () => {
      folder = await temporaryFolder()
      store = sqliteStore({ path: folder.file('hooks.db') })
    })
    afterAll(async () => {
      await store.close()
      await folder[Symbol.asyncDispose]()
    })

    it.concurrent.each(names)('gives nothing away of %s, in logs, events and attempts', async (name) => {
      await using server = await startEcho(status, isText)
      const hook = everyTarget(server.origin)[name] as HookOptions
      const { told, attempts } = await send(hook, { app: name }, { store })
      expect(attempts.length).toBeGreaterThan(0)
      expect(foundIn('what was told', told)).toEqual([])
    })

    it('gives nothing away in the store’s file, which has a delivery for each', async () => {
      const { deliveries } = await store.list({}, { limit: 1000 })
      expect(new Set(deliveries.map(({ release }) => release.app))).toEqual(new Set(names))
      const files = await readdir(folder.path)
      expect(files).toContain('hooks.db')
      for (const file of files)
        expect(foundIn(file, (await readFile(join(folder.path, file))).toString('latin1'))).toEqual([])
    })
  },
)

it.concurrent.each(names)('a receiver is sent the secrets of %s that are looked for', async (name) => {
  let sent = ''
  await using server = await startHttp((request, response) => {
    sent += [request.url, ...request.rawHeaders].join(' ')
    request.on('data', (chunk: Buffer) => (sent += chunk.toString()))
    request.on('end', () => response.end('{}'))
  })
  await send(everyTarget(server.origin)[name] as HookOptions)
  const basic = Buffer.from(`ci:${marks.token}`).toString('base64')
  expect([...Object.values(marks), basic].some((mark) => sent.includes(mark))).toBe(true)
})
