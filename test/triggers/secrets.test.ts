import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import pg from 'pg'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import type { Store } from '../../src/index.ts'
import type { TriggerDialect } from '../../src/triggers/index.ts'
import { newSchema } from '../stores/postgres-fixture.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import { jsonOf, post, startPlatform } from './platform.ts'

const dialects: readonly TriggerDialect[] = [
  'native',
  'shipmight',
  'fortrabbit',
  'flightcontrol',
  'stackblaze',
]

/** A store, and all that it has kept. */
const places: Readonly<Record<string, () => Promise<{ store: Store; kept: () => Promise<string> }>>> = {
  SQLite: async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const path = folder.file('store.db')
    const store = sqliteStore({ path })
    onTestFinished(() => store.close())
    const kept = async (): Promise<string> => {
      const parent = join(path, '..')
      const files = (await readdir(parent, { withFileTypes: true })).filter((each) => each.isFile())
      return (await Promise.all(files.map(({ name }) => readFile(join(parent, name), 'latin1')))).join('\n')
    }
    return { store, kept }
  },
  Postgres: async () => {
    const schema = newSchema()
    const store = postgresStore({ connectionString: inject('postgres'), schema })
    onTestFinished(() => store.close())
    const kept = async (): Promise<string> => {
      const client = new pg.Client({ connectionString: inject('postgres') })
      await client.connect()
      const tables = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`)
      const all: unknown[] = []
      for (const { tablename } of tables.rows as { tablename: string }[])
        all.push((await client.query(`SELECT * FROM "${schema}"."${tablename}"`)).rows)
      await client.end()
      return JSON.stringify(all)
    }
    return { store, kept }
  },
}

describe.each(Object.entries(places))('a token, in a %s store', (_, open) => {
  it('is in nothing that is kept, logged, told, thrown or answered, in any dialect', async () => {
    const { store, kept } = await open()
    const said: unknown[] = []
    let fails = 0
    const platform = await startPlatform({
      store,
      logger: { warn: (...all) => void said.push(all), error: (...all) => void said.push(all) },
      onTrigger: (start) => {
        said.push(start)
        fails += 1
        if (fails % 2 === 1) throw new Error('Not now')
        return { id: 'x' }
      },
    })
    for (const name of [
      'trigger-called',
      'trigger-refused',
      'deployment-started',
      'deployment-not-started',
    ] as const)
      platform.triggers.on(name, (event: unknown) => void said.push(event))
    const tokens: string[] = []
    for (const dialect of dialects) {
      const app = `app-${dialect}`
      const environment = dialect === 'flightcontrol' ? { environmentId: 1 } : {}
      const { id, token, url } = await platform.create({ app, dialect, ...environment })
      tokens.push(token)
      const headers = {
        'x-deploy-hook-token': token,
        'user-agent': 'curl',
        'content-type': 'application/json',
      }
      const answers = [
        await post(url, { headers, body: '{"imageTag":"1"}' }),
        await post(url, { headers, body: '{' }),
        await post(`${url}?nothing=1`, { headers }),
        await fetch(url, { headers }),
        await fetch(url, { method: 'PUT', headers }),
      ]
      for (const answer of answers) said.push(await answer.text(), [...answer.headers])
      said.push(await platform.triggers.explain(new Request(url, { method: 'POST', headers })))
      said.push(await platform.triggers.explain(new Request(url.replace(token, 'x'), { method: 'POST' })))
      const rotated = await platform.triggers.rotate(id)
      tokens.push(rotated?.token ?? '')
      said.push(await platform.triggers.get(id), await platform.triggers.calls(id))
    }
    said.push(await platform.triggers.list(), platform.triggers, inspect(platform.triggers, { depth: 9 }))
    await platform.untilStarted(dialects.length)

    const all = [
      inspect(said, { depth: 20, maxStringLength: null, maxArrayLength: null }),
      JSON.stringify(said),
      await kept(),
    ]

    expect(tokens).toHaveLength(10)
    expect(all[2]).toContain('app-stackblaze')
    for (const text of all)
      for (const token of tokens)
        expect(text.includes(token.slice(4, 36)) ? `${token} is there` : 'not there').toBe('not there')
  })

  it('is refused where it would be kept, and is not shown where its caller has written it', async () => {
    const { store, kept } = await open()
    const said: unknown[] = []
    const params = { note: z.string(), branch: z.string(), meta: z.unknown() }
    const platform = await startPlatform({
      store,
      params,
      publicUrl: undefined,
      trustedProxies: ['127.0.0.1'],
      logger: { warn: (...all) => void said.push(all), error: (...all) => void said.push(all) },
    })
    platform.triggers.on('trigger-called', (event) => void said.push(event))
    platform.triggers.on('trigger-refused', (event) => void said.push(event))
    const { token: planted } = await platform.create({ app: 'other' })
    const { id, token } = await platform.create({ params: Object.keys(params) })
    const { token: tagged } = await platform.create({ dialect: 'shipmight', app: 'tagged' })
    const send = async (path: string, headers = {}, body?: string): Promise<Response> => {
      const response = await post(platform.origin + path, {
        headers: { 'x-forwarded-proto': 'https', 'content-type': 'application/json', ...headers },
        ...(body === undefined ? undefined : { body }),
      })
      said.push(await response.clone().text(), [...response.headers])
      return response
    }
    for (const [path, headers, body] of [
      [`/${token}?note=see%20${planted}`],
      [`/${token}?branch=${planted}`],
      [`/${token}`, {}, JSON.stringify({ meta: { deep: [planted] } })],
      [`/${token}`, {}, JSON.stringify({ meta: { [planted]: 1 } })],
      [`/${token}`, { 'idempotency-key': `"${planted}"` }],
      [`/api/v1/dh`, { 'x-deploy-hook-token': tagged }, JSON.stringify({ imageTag: planted })],
    ] as const) {
      const response = await send(path, headers, body)
      expect([path, response.status]).toEqual([path, 400])
      const { code } = await jsonOf(response)
      if (path !== '/api/v1/dh') expect(code).toBe('token_misplaced')
    }
    expect((await send(`/${token}?${planted}=1`)).status).toBe(422)
    expect((await send(`/${token}`, { 'x-gitlab-event': planted })).status).toBe(200)
    expect((await send(`/${token}`, { 'x-gitlab-event': `Push Hook ${planted}` })).status).toBe(200)
    expect((await send(`/${token}?${'x'.repeat(70)}${planted}=1`)).status).toBe(422)
    const agent = `${'a'.repeat(180)} ${planted}`
    const taken = await send(`/${token}/`, {
      'x-deploy-hook-token': token,
      'user-agent': agent,
      'x-forwarded-for': planted,
    })
    expect(taken.status).toBe(202)
    said.push(
      await platform.triggers.explain(
        new Request(`https://localhost/${token}?${planted}=1`, { method: 'POST' }),
      ),
    )
    expect((await platform.triggers.calls(id))[0]).toMatchObject({
      address: 'dht_***',
      userAgent: `${'a'.repeat(180)} dht_***`,
    })

    const all = [inspect(said, { depth: 20, maxStringLength: null }), JSON.stringify(said), await kept()]
    for (const text of all)
      for (const each of [planted, token, tagged])
        expect(text.includes(each.slice(4, 20)) ? `${each} is there` : 'not there').toBe('not there')
  })
})
