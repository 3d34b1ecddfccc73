import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { createTriggers } from '../../src/triggers/index.ts'
import { waitPreferred } from '../../src/triggers/ending.ts'
import { jsonOf, post, startPlatform, type Platform } from './platform.ts'

interface Running {
  readonly platform: Platform
  readonly id: string
  readonly status: string
}

async function startRunning(options: Parameters<typeof startPlatform>[0] = {}): Promise<Running> {
  const platform = await startPlatform(options)
  const { url } = await platform.create()
  const called = await post(url)
  await platform.untilStarted(1)
  const { deployment } = (await jsonOf(called)) as { deployment: { id: string } }
  return { platform, id: deployment.id, status: `${platform.origin}${called.headers.get('location')}` }
}

function ask(url: string, prefer: string): Promise<Response> {
  return fetch(url, { headers: { prefer } })
}

async function statusOf(response: Response): Promise<unknown> {
  return ((await jsonOf(response)) as { deployment: { status: unknown } }).deployment.status
}

describe('a status with `Prefer: wait`', () => {
  it('is answered when the deployment ends', async () => {
    const { platform, id, status } = await startRunning()
    const asked = ask(status, 'respond-async, wait=20')
    await platform.triggers.finished(id, 'succeeded')
    const response = await asked
    expect(response.headers.get('preference-applied')).toBe('wait=20')
    expect(await statusOf(response)).toBe('succeeded')
  })

  it('is answered as it stands when the time is over', async () => {
    const { status } = await startRunning()
    const response = await ask(status, 'wait=1')
    expect(response.status).toBe(200)
    expect(await statusOf(response)).toMatch(/queued|running/u)
  })

  it('waits 30 seconds at most', async () => {
    const { platform, id, status } = await startRunning()
    const asked = ask(status, 'wait=86400')
    await platform.triggers.finished(id, 'failed')
    expect((await asked).headers.get('preference-applied')).toBe('wait=30')
  })

  it('hears of an end that another process was told', async () => {
    const store = memoryStore()
    const { id, status } = await startRunning({ store })
    const other = createTriggers({ store, workers: false, onTrigger: () => ({ id: 'none' }) })
    onTestFinished(() => other.close())
    const asked = ask(status, 'wait=25')
    await other.finished(id, 'canceled')
    expect(await statusOf(await asked)).toBe('canceled')
  })

  it('is answered when the triggers are closed', async () => {
    const { platform, status } = await startRunning()
    const asked = ask(status, 'wait=30')
    await platform.triggers.close()
    expect((await asked).status).toBe(200)
  })

  it('has 200 wait, and answers others at once', async () => {
    const { platform, id, status } = await startRunning()
    const asked = Array.from({ length: 201 }, () => ask(status, 'wait=30'))
    const first = await Promise.race(asked)
    expect(first.headers.get('preference-applied')).toBeNull()
    await platform.triggers.finished(id, 'succeeded')
    const granted = (await Promise.all(asked)).map(({ headers }) => headers.get('preference-applied'))
    expect(granted.filter((each) => each === 'wait=30')).toHaveLength(200)
  })

  it("is taken by fortrabbit's GET of the trigger, too", async () => {
    const platform = await startPlatform()
    const { url } = await platform.create({ dialect: 'fortrabbit' })
    const { deployment } = (await jsonOf(await post(url))) as { deployment: { id: string } }
    const asked = ask(url, 'wait=20')
    await platform.untilStarted(1)
    await platform.triggers.finished(deployment.id, 'succeeded')
    expect(await jsonOf(await asked)).toMatchObject({ deployment: { state: 'SUCCESS' } })
  })
})

describe('the seconds that are preferred', () => {
  it.each([
    ['wait=10', 10],
    ['WAIT = "10"', 10],
    ['respond-async, wait=5; strict', 5],
    ['return=minimal,wait=7,wait=9', 7],
    ['wait', 0],
    ['wait=-1', 0],
    ['wait=1e3', 0],
    ['await=3', 0],
    ['', 0],
  ])('%s', (header, seconds) => {
    expect(waitPreferred([header])).toBe(seconds)
  })
})
