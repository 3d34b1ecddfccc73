import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { TriggerRecords } from '../../src/triggers/index.ts'
import { stores } from '../dispatch/stores.ts'
import { jsonOf, post, startPlatform } from './platform.ts'

const params = {
  meta: z.unknown(),
  sha: z.string(),
  tag: z.string(),
  user: z.string(),
  pullRequest: z.string(),
}
const json = { 'content-type': 'application/json' }

function nested(open: string, close: string, depth: number): string {
  return `{"meta":${open.repeat(depth)}1${close.repeat(depth)}}`
}

describe.each(Object.entries(stores))('what a caller writes, with a %s store', (_, open) => {
  it('is refused when it is nested deeper than anybody walks, and the next call is taken', async () => {
    const platform = await startPlatform({ store: (await open())(), params })
    const { url } = await platform.create({ params: Object.keys(params) })
    const send = (body: string): Promise<Response> => post(url, { body, headers: json })
    for (const body of [nested('[', ']', 32_000), nested('{"a":', '}', 10_000), nested('[', ']', 64)]) {
      const response = await send(body)
      expect(response.status).toBe(422)
      expect(await jsonOf(response)).toMatchObject({ code: 'params_invalid', problems: [{ path: 'body' }] })
    }
    expect((await send(nested('[', ']', 63))).status).toBe(202)
    await platform.untilStarted(1)
  })

  it.each(['pullRequest', 'sha', 'tag', 'user'])('is refused as %s when no table holds it', async (name) => {
    const platform = await startPlatform({ store: (await open())(), params })
    const { url } = await platform.create({ params: Object.keys(params) })
    expect((await post(`${url}?${name}=a%00b`)).status).toBe(422)
    expect((await post(url, { body: `{"${name}":"a\\u0000b"}`, headers: json })).status).toBe(422)
    expect((await post(`${url}?${name}=ab`)).status).toBe(202)
  })

  it('fails alone when a store cannot be given it', async () => {
    const records = (await open())().triggers as TriggerRecords
    const call = { triggerId: 'trg_1', at: 1, outcome: 'ignored' }
    const meta: unknown = JSON.parse(nested('[', ']', 30_000))
    const all = await Promise.allSettled([
      records.refuse({ ...call, id: 'trc_1' }),
      records.refuse({ ...call, id: 'trc_2', facts: { params: { meta } } }),
      records.refuse({ ...call, id: 'trc_3' }),
    ])
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await records.calls('trg_1', 5)).map(({ id }) => id)).toEqual(['trc_3', 'trc_1'])
  })
})
