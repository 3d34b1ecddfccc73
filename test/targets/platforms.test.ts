import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startPlatform, type Platform } from '../../src/testing/index.ts'
import { release as anyRelease } from '../arbitraries.ts'
import { deployHooks } from './platforms.ts'
import { impatient, send, type Sent } from './sending.ts'
import { runs } from '../runs.ts'

describe.concurrent.each(deployHooks)(
  'a deploy hook of $name',
  ({ name, target, good, id, empty, secrets }) => {
    const sendTo = (platform: Platform, options: object = {}): Promise<Sent> =>
      send({ url: platform.url, target: target(platform), ...options })

    it('is delivered at once, with one request', async () => {
      await using platform = await startPlatform(name)
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
      expect(platform.received).toHaveLength(1)
      expect(platform.received[0]?.headers['user-agent']).toMatch(/^deploy-hooks\//u)
      expect(platform.deployments).toHaveLength(1)
    })

    it.each(['hang', 'cut'] as const)('is not repeated when the answer is missing (%s)', async (fault) => {
      await using platform = await startPlatform(name)
      platform.answerNext(fault)
      const { delivery } = await sendTo(platform, { timeout: { deadlineMs: 1000 } })
      expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { verdict: 'ambiguous' } })
      expect(platform.received).toHaveLength(1)
    })

    it.each([502, 504])('is not repeated after a %i of a gateway', async (status) => {
      await using platform = await startPlatform(name)
      platform.answerNext({ status })
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { verdict: 'ambiguous' } })
    })

    it('is repeated after a 503', async () => {
      await using platform = await startPlatform(name)
      platform.answerNext({ status: 503, body: 'Service Unavailable' })
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    })

    it.each([
      ['1', 1000],
      ['0.25', 250],
    ])('waits %s seconds when a 429 asks for them', async (seconds, milliseconds) => {
      await using platform = await startPlatform(name)
      platform.answerNext({ status: 429, headers: { 'retry-after': seconds }, body: 'Too Many Requests' })
      const { delivery, attempts } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
      const [first] = attempts
      expect(first?.outcome).toMatchObject({ kind: 'retry', reason: 'status-429' })
      expect(first?.outcome.kind === 'retry' && first.outcome.at - first.endedAt).toBe(milliseconds)
    })

    it('ends with a 404 in plain text, and says what it was', async () => {
      await using platform = await startPlatform(name)
      platform.answerNext({ status: 404, body: 'No such hook\n', headers: { 'content-type': 'text/plain' } })
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({
        state: 'dead',
        attempts: 1,
        outcome: { reason: 'status-404', verdict: 'refused' },
        remote: { error: 'No such hook' },
      })
    })

    it('disables the hook with a 410 in plain text', async () => {
      await using platform = await startPlatform(name)
      platform.answerNext({ status: 410, body: 'Gone', headers: { 'content-type': 'text/plain' } })
      const { delivery, told } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: 'dead', attempts: 1, outcome: { verdict: 'gone' } })
      expect(told).toContain('hook-disabled')
    })

    it.each([undefined, '/elsewhere'])('follows no redirect (to %s)', async (location) => {
      await using platform = await startPlatform(name)
      const headers = location === undefined ? {} : { location }
      for (let times = 0; times < 3; times += 1) platform.answerNext({ status: 301, headers })
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'status-301', verdict: 'refused' } })
      expect(platform.received.map(({ path }) => path)).not.toContain('/elsewhere')
      expect(platform.deployments).toEqual([])
    })

    it('reads JSON whatever its Content-Type says', async () => {
      await using platform = await startPlatform(name)
      platform.answerNext({
        ...good,
        body: `\u{FEFF}${JSON.stringify(good.body ?? {})}`,
        headers: { 'content-type': 'text/html' },
      })
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 })
      expect(delivery.remote?.id).toBe(id)
    })

    it(`is ${empty} after an accepted status without a body`, async () => {
      await using platform = await startPlatform(name)
      platform.answerNext({ status: good.status })
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({ state: empty, attempts: 1 })
      expect(platform.received).toHaveLength(1)
    })

    it('takes no other status of success for its own, and does not deploy again because of it', async () => {
      await using platform = await startPlatform(name)
      platform.answerNext({ ...good, status: 206 })
      const { delivery } = await sendTo(platform)
      expect(delivery).toMatchObject({
        state: 'dead',
        attempts: 1,
        outcome: { reason: 'status-206', verdict: 'ambiguous' },
      })
    })

    it('shows its secrets nowhere, whatever answers echo', async () => {
      await using platform = await startPlatform(name)
      const values = secrets.map((secret) => platform.credentials[secret] ?? '')
      const told = [...values, platform.url, new URL(platform.url).search.slice(1)].join(' ')
      const echo = { error: { message: told, name: told }, message: told, description: told }
      platform.answerNext({ status: 503, body: told })
      platform.answerNext({ status: 503, body: echo })
      platform.answerNext({
        ...good,
        body: { ...(good.body as object | undefined), dashboardUrl: platform.url, echo },
      })
      const sent = await sendTo(platform)
      expect(sent.delivery.state).toBe('delivered')
      for (const value of values) {
        expect(value.length).toBeGreaterThan(7)
        expect(sent.told).not.toContain(value)
      }
      expect(sent.told).toContain('[masked]')
    })

    it('takes any release', async () => {
      await fc.assert(
        fc.asyncProperty(anyRelease, async (given) => {
          await using platform = await startPlatform(name)
          const { delivery } = await send({ url: platform.url, target: target(platform) }, given)
          expect(delivery.state).toBe('delivered')
          expect(platform.deployments).toHaveLength(1)
        }),
        runs(5),
      )
    })
  },
)

describe.each(['fortrabbit', 'flightcontrol', 'stackblaze', 'render', 'coolify'] as const)(
  'a deployment on %s',
  (name) => {
    const hook = deployHooks.find((each) => each.name === name)
    if (hook === undefined) throw new Error(name)

    it('is asked for until it has succeeded', async () => {
      await using platform = await startPlatform(name)
      const { delivery } = await send({
        url: platform.url,
        target: impatient(hook.target(platform)),
        waitFor: 'finished',
      })
      expect(delivery).toMatchObject({
        state: 'delivered',
        outcome: { reason: 'remote-succeeded' },
        remote: { id: 'dp-1', status: 'succeeded' },
      })
      expect(platform.deployments).toHaveLength(1)
      expect(platform.received.slice(1).every(({ method }) => method === 'GET')).toBe(true)
    })

    it('is dead when it has failed', async () => {
      await using platform = await startPlatform(name, { ends: 'failed' })
      const { delivery } = await send({
        url: platform.url,
        target: impatient(hook.target(platform)),
        waitFor: 'finished',
      })
      expect(delivery).toMatchObject({
        state: 'dead',
        outcome: { reason: 'remote-failed', verdict: 'failed' },
        remote: { id: 'dp-1', status: 'failed' },
      })
      expect(platform.deployments).toHaveLength(1)
    })

    it('is not asked for when it is enough that it was accepted', async () => {
      await using platform = await startPlatform(name, { ends: 'failed' })
      const { delivery } = await send({ url: platform.url, target: hook.target(platform) })
      expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'dp-1', status: 'queued' } })
      expect(platform.received).toHaveLength(1)
    })

    it('is asked for again when a question goes wrong, and has no other end than its own', async () => {
      await using platform = await startPlatform(name)
      const target = impatient(hook.target(platform))
      platform.answerNext(hook.good)
      platform.answerNext({ status: 200, body: { status: 'Succeeded?', deployment: { state: 'DONE?' } } })
      for (const answer of [{ status: 500 }, { status: 404, body: 'Not Found' }, { status: 200, body: 'OK' }])
        platform.answerNext(answer)
      const { delivery, attempts } = await send({
        url: platform.url,
        target: { ...target, poll: target.poll && { ...target.poll, untilMs: 100 } },
        waitFor: 'finished',
      })
      expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'unfinished' } })
      expect(attempts.map(({ remote }) => remote?.status)).toContain('unknown')
    })
  },
)
