import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { TriggersOptions } from '../../src/triggers/index.ts'
import { stores } from '../dispatch/stores.ts'
import { jsonOf, post, startPlatform, type Platform } from './platform.ts'

const params = { branch: z.string(), sha: z.string(), clear: z.string() }
const all = Object.keys(params)

interface Answered {
  readonly status: number
  readonly id: string
}

async function call(url: string, query: Record<string, string> = {}): Promise<Answered> {
  const response = await post(`${url}?${new URLSearchParams(query).toString()}`)
  const { deployment, deploymentId } = (await jsonOf(response)) as {
    deployment?: { id: string }
    deploymentId?: string
  }
  return { status: response.status, id: deployment?.id ?? deploymentId ?? '' }
}

/** What of these has started, by id. */
function startedIds({ started }: Platform): readonly string[] {
  return started.map(({ deploymentId }) => deploymentId)
}

describe.each(Object.entries(stores))('a storm of calls, with a %s store', (_, open) => {
  const start = async (options: Partial<TriggersOptions> = {}): Promise<Platform> =>
    startPlatform({ store: (await open())(), params, ...options })

  it('of fifty publishes makes at most two deployments, and each answer names one that is or will be', async () => {
    const platform = await start()
    const { url } = await platform.create()

    const answers = await Promise.all(Array.from({ length: 50 }, () => call(url)))

    expect(answers.filter(({ status }) => status >= 200 && status < 300)).toHaveLength(50)
    const ids = new Set(answers.map(({ id }) => id))
    expect(ids.size).toBeLessThanOrEqual(2)
    await platform.untilStarted(1)
    await platform.triggers.finished(startedIds(platform)[0] ?? '', 'succeeded')
    if (ids.size === 2) await platform.untilStarted(2)
    expect(new Set(startedIds(platform))).toEqual(ids)
  })

  it('starts the newest of what waits, and keeps what a newer call does not say', async () => {
    const platform = await start()
    const { url } = await platform.create({ params: all })
    await call(url, { branch: 'main', sha: '1' })
    await platform.untilStarted(1)
    const second = await call(url, { branch: 'main', sha: '2', clear: 'yes' })
    const third = await call(url, { branch: 'main', sha: '3' })
    const other = await call(url, { branch: 'next', sha: '9' })
    expect(second.id).toBe(third.id)
    await platform.untilStarted(2)
    expect(startedIds(platform)[1]).toBe(other.id)

    await platform.triggers.finished(startedIds(platform)[0] ?? '', 'succeeded')
    await platform.untilStarted(3)

    expect(platform.started[2]).toMatchObject({
      deploymentId: third.id,
      facts: { branch: 'main', sha: '3' },
      params: { clear: 'yes' },
    })
  })

  it('waits for quiet, and no longer than it may', async () => {
    let now = 1_800_000_000_000
    const platform = await start({ now: () => now, workers: false })
    const debounce = { quietMs: 10_000, maxWaitMs: 15_000 }
    const { url } = await platform.create({ debounce })
    const { id } = await call(url)
    const dueAt = async (): Promise<number> =>
      ((await platform.triggers.deployment(id))?.dueAt ?? 0) - 1_800_000_000_000
    expect(await dueAt()).toBe(10_000)
    now += 4000
    expect((await call(url)).id).toBe(id)
    expect(await dueAt()).toBe(14_000)
    now += 4000
    expect((await call(url)).id).toBe(id)
    expect(await dueAt()).toBe(15_000)
  })

  it('is queued in its order, up to twenty-five', async () => {
    const platform = await start({ overlap: 'queue', perMinute: 100 })
    const { url } = await platform.create({ params: all })
    const running = await call(url, { sha: '0' })
    await platform.untilStarted(1)
    const queued: Answered[] = []
    for (let index = 1; index <= 26; index += 1) queued.push(await call(url, { sha: String(index) }))
    expect(queued.map(({ status }) => status)).toEqual([...Array.from({ length: 25 }, () => 202), 429])
    await platform.triggers.finished(running.id, 'succeeded')
    await platform.untilStarted(2)
    await platform.triggers.finished(queued[0]?.id ?? '', 'failed')
    await platform.untilStarted(3)
    expect(platform.started.map(({ facts }) => facts.sha)).toEqual(['0', '1', '2'])
  })

  it('takes the place of what runs', async () => {
    const platform = await start({ overlap: 'cancel' })
    const { url } = await platform.create()
    const first = await call(url)
    await platform.untilStarted(1)
    await expect.poll(async () => (await platform.triggers.deployment(first.id))?.status).toBe('running')
    await call(url)
    await platform.untilStarted(2)
    expect(platform.started[1]?.cancels).toEqual([{ deploymentId: first.id, id: 'platform-1' }])
    expect(await platform.triggers.deployment(first.id)).toMatchObject({ status: 'canceled' })
  })

  it('starts nothing beside what runs, and says so, or refuses', async () => {
    const platform = await start()
    const skipping = await platform.create({ overlap: 'skip', app: 'a' })
    const rejecting = await platform.create({ overlap: 'reject', app: 'b' })
    for (const [{ url, id }, status, outcome] of [
      [skipping, 200, 'skipped'],
      [rejecting, 409, 'busy'],
    ] as const) {
      const first = await call(url)
      const second = await call(url)
      expect(second).toEqual({ status, id: first.id })
      expect((await platform.triggers.calls(id))[0]).toMatchObject({ outcome })
      await platform.triggers.finished(first.id, 'succeeded')
      expect((await call(url)).status).toBe(202)
    }
  })

  it('goes on after a start that fails, and after a deployment of whose end nobody hears', async () => {
    let now = 1_800_000_000_000
    let fails = true
    const platform = await start({
      now: () => now,
      runsAtMostMs: 60_000,
      onTrigger: () => {
        if (fails) throw new Error('The cluster is away')
        return { id: 'x' }
      },
    })
    const { url } = await platform.create()
    const first = await call(url)
    for (const attempt of [1, 2, 3]) {
      await platform.untilStarted(attempt)
      await expect
        .poll(async () => (await platform.triggers.deployment(first.id))?.status)
        .toBe(attempt === 3 ? 'failed' : 'waiting')
      now += 60_000
      await platform.triggers.finished('nobody', 'failed') // it looks again
    }
    expect(await platform.triggers.deployment(first.id)).toMatchObject({
      error: expect.stringContaining('The cluster is away'),
    })
    expect(new Set(platform.started.map(({ call: { id } }) => id)).size).toBe(1)
    fails = false
    const second = await call(url)
    await platform.untilStarted(4)
    await expect.poll(async () => (await platform.triggers.deployment(second.id))?.status).toBe('running')
    now += 60_000
    const third = await call(url)
    await platform.untilStarted(5)
    expect(third.id).not.toBe(second.id)
    expect(await platform.triggers.deployment(second.id)).toMatchObject({ status: 'unknown' })
  })
})
