import { describe, expect, it } from 'vitest'
import { defineTarget, type TargetAnswer } from '../../src/targets/index.ts'
import { deliveryIdOf } from '../../src/stores/ledger/telling.ts'
import { parseRelease, type Delivery, type Recorded, type Store } from '../../src/index.ts'
import { altered } from '../testing/altered-store.ts'
import { answer, failure, fakeTransport, never } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'
import { stores } from './stores.ts'

const build = defineTarget({
  name: 'build',
  url: 'http://builds.example/',
  repeat: 'side-effect',
  requests: [{ accepts: [201], id: '/id', error: '/message' }],
})
const two = defineTarget({
  name: 'two-steps',
  url: 'http://two.example/deployments',
  repeat: 'side-effect',
  requests: [
    { accepts: [201], id: '/id' },
    { path: ({ remote }) => [remote.id ?? '', 'statuses'], body: { json: { state: 'success' } } },
  ],
})
const retry = {
  delaysMs: [1, 1, 1],
  jitter: 0,
  connect: { retries: 1, minTimeout: 1, maxTimeout: 1, factor: 1 },
}
const json = (status: number, body: object): ReturnType<typeof answer> =>
  answer(status, undefined, JSON.stringify(body))

describe('a request that may not be made twice', () => {
  it.each(['timeout', 'reset', 'protocol'] as const)(
    'is not, when the connection was open: %s',
    async (cause) => {
      const transport = fakeTransport(() => failure(cause))
      const dispatcher = start(transport, { hooks: [{ target: build }], retry })
      const [delivery] = await (await dispatcher.dispatch(release)).settled()
      expect(delivery).toMatchObject({
        state: 'dead',
        attempts: 1,
        outcome: { reason: cause, verdict: 'ambiguous' },
      })
      expect(transport.requests).toHaveLength(1)
    },
  )

  it.each([502, 504, 520, 524])('is not, when a gateway answers %i', async (status) => {
    const transport = fakeTransport(() => answer(status))
    const dispatcher = start(transport, { hooks: [{ target: build }], retry })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery).toMatchObject({
      attempts: 1,
      outcome: { reason: `status-${status}`, verdict: 'ambiguous' },
    })
  })

  it.each([200, 202, 302, 303])(
    'is not, when the receiver answers %i, which says neither yes nor no',
    async (status) => {
      const transport = fakeTransport(() => answer(status))
      const dispatcher = start(transport, { hooks: [{ target: build }], retry })
      const [delivery] = await (await dispatcher.dispatch(release)).settled()
      expect(delivery).toMatchObject({
        attempts: 1,
        outcome: { reason: `status-${status}`, verdict: 'ambiguous' },
      })
    },
  )

  it('is not, when its target cannot read the answer', async () => {
    const isAccepted = ({ json: body }: TargetAnswer): boolean => (body as { ok: boolean }).ok
    const target = defineTarget({ ...build, requests: [{ isAccepted }] })
    const transport = fakeTransport(() => answer(200, undefined, 'null'))
    const dispatcher = start(transport, { hooks: [{ target }], retry })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery).toMatchObject({ attempts: 1, outcome: { reason: 'rejected', verdict: 'ambiguous' } })
  })

  it('is made again, when its target says what such an answer means', async () => {
    const bodies = ['{"ok":false}', '{"ok":true}']
    const isAccepted = ({ json: body }: TargetAnswer): boolean => (body as { ok: boolean }).ok
    const target = defineTarget({ ...build, requests: [{ isAccepted, meanings: { 302: 'refused' } }] })
    const transport = fakeTransport((_request, index) =>
      index === 0 ? answer(302) : answer(200, undefined, bodies[index - 1]),
    )
    const dispatcher = start(transport, { hooks: [{ target }], retry })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 3 })
  })

  it.each([429, 500, 503])('is made again, when the receiver answers %i', async (status) => {
    const transport = fakeTransport((_request, index) =>
      index === 0 ? answer(status) : json(201, { id: 7 }),
    )
    const dispatcher = start(transport, { hooks: [{ target: build }], retry })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2, remote: { id: '7' } })
  })

  it.each(['dns', 'unreachable', 'tls'] as const)('is made again, when it never left: %s', async (cause) => {
    const transport = fakeTransport((_request, index) =>
      index < 3 ? failure(cause, false) : json(201, { id: 7 }),
    )
    const dispatcher = start(transport, { hooks: [{ target: build }], retry })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(delivery).not.toHaveProperty('progress')
  })

  it('goes over a connection of its own, since one that is kept alive may be closed already', async () => {
    const transport = fakeTransport(() => json(201, { id: 7 }))
    const dispatcher = start(transport, { hooks: [{ target: build }] })
    for (const version of [1, 2]) await (await dispatcher.dispatch({ ...release, version })).settled()
    const [one, other] = transport.requests
    expect(one?.connection).not.toBe(other?.connection)
    expect(one?.connection.guard).toBe(other?.connection.guard)
  })
})

describe.each(Object.entries(stores))(
  'a request that may not be made twice, with a %s store',
  (_name, open) => {
    it('is known to the store before it leaves', async () => {
      const store = (await open())()
      const transport = fakeTransport(() => never)
      const dispatcher = start(transport, { hooks: [{ target: build }], store })
      const { deliveries } = await dispatcher.dispatch(release)
      await expect.poll(() => transport.requests.length).toBe(1)
      const [delivery] = await store.get(deliveries.map(({ id }) => id))
      expect(delivery?.progress).toMatchObject({ step: 0, attempt: 0, sending: true })
    })

    it('is known to the store again, when it leaves over the second connection', async () => {
      const store = (await open())()
      const transport = fakeTransport((_request, index) =>
        index === 0 ? failure('unreachable', false) : never,
      )
      const dispatcher = start(transport, { hooks: [{ target: build }], store, retry })
      const { deliveries } = await dispatcher.dispatch(release)
      await expect.poll(() => transport.requests.length).toBe(2)
      const [delivery] = await store.get(deliveries.map(({ id }) => id))
      expect(delivery?.progress).toMatchObject({ sending: true })
    })

    it('does not leave when another process has claimed the delivery meanwhile', async () => {
      const store = (await open())()
      const lost = altered(store, { mark: () => Promise.resolve(false) })
      const transport = fakeTransport(() => never)
      const log = newLog()
      const dispatcher = start(transport, { hooks: [{ target: build }], store: lost, logger: log })
      await dispatcher.dispatch(release)
      await expect.poll(() => log.lines.join('\n')).toContain('Another process has claimed')
      expect(transport.requests).toHaveLength(0)
    })

    it('is not made again by who finds that another process was killed meanwhile', async () => {
      const again = await open()
      const store = again()
      const hookId = 'builds'
      const id = deliveryIdOf(['release', 'web', 'v4'], hookId)
      const now = Date.now()
      // What a process does before it is killed: it records, marks, and its lease ends.
      const [recorded] = await store.record(
        [{ id, hookId, release: parseRelease(release), recordedAt: now }],
        now - 1,
      )
      const { delivery, token = 0 } = recorded as Recorded
      await store.mark({ delivery, token }, { step: 0, at: now, attempt: 0, sending: true })
      const transport = fakeTransport(() => json(201, { id: 7 }))
      const dispatcher = start(transport, { hooks: [{ id: hookId, target: build }], store: again() })
      const dead = Promise.withResolvers<unknown>()
      dispatcher.on('dead', dead.resolve)
      expect(await dead.promise).toMatchObject({
        delivery: { id },
        outcome: { reason: 'aborted', verdict: 'ambiguous' },
      })
      expect(transport.requests).toHaveLength(0)
    })

    it('ends ambiguous when the dispatcher is closed while it is on its way, and is handed back when it never left', async () => {
      const again = await open()
      const store = again()
      const log = newLog()
      const transport = fakeTransport(() => never)
      const dispatcher = start(fakeAbort(transport, true), { hooks: [{ target: build }], store, logger: log })
      const { deliveries } = await dispatcher.dispatch(release)
      await expect.poll(() => transport.requests.length).toBe(1)
      await dispatcher.close({ deadlineMs: 0 })
      const ids = deliveries.map(({ id }) => id)
      expect(await store.get(ids)).toMatchObject([{ state: 'dead', outcome: { verdict: 'ambiguous' } }])
      const unopened = fakeTransport(() => never)
      const second = start(fakeAbort(unopened, false), { hooks: [{ target: build }], store })
      const later = await second.dispatch({ ...release, version: 5 })
      await expect.poll(() => unopened.requests.length).toBe(1)
      await second.close({ deadlineMs: 0 })
      const [delivery] = await store.get(later.deliveries.map(({ id }) => id))
      expect(delivery?.state).toBe('waiting')
      expect(delivery?.progress?.sending).toBeUndefined()
      expect(log.lines.join('\n')).toContain('ambiguous')
    })

    it('is not made again when its target can no longer be asked how it went', async () => {
      const again = await open()
      const poll = { status: '/s', statuses: {}, everyMs: 60_000, untilMs: 600_000 } as const
      const asked = defineTarget({ ...build, poll })
      const transport = fakeTransport(() => json(201, { id: 7 }))
      const first = start(transport, {
        hooks: [{ id: 'b', target: asked, waitFor: 'finished' }],
        store: again(),
      })
      const { deliveries } = await first.dispatch(release)
      const id = deliveries[0]?.id ?? ''
      await expect.poll(async () => (await first.attempts(id)).length).toBe(1)
      await first.close()
      const second = start(transport, { hooks: [{ id: 'b', target: build }], store: again() })
      const replay = await second.replay(id)
      expect(await replay.settled()).toMatchObject([
        { id, state: 'dead', outcome: { verdict: 'unfinished' } },
      ])
      expect(transport.requests).toHaveLength(1)
    })

    describe('that was on its way when its process was killed', () => {
      const hookId = 'builds'
      /** What is left of it, and the release that it was for. */
      async function interrupted(store: Store): Promise<Delivery> {
        const id = deliveryIdOf(['release', 'web', 'v4'], hookId)
        const now = Date.now()
        const given = { id, hookId, release: parseRelease(release), recordedAt: now }
        const [{ delivery, token = 0 }] = (await store.record([given], now - 1)) as [Recorded]
        await store.mark({ delivery, token }, { step: 0, at: now, attempt: 0, sending: true })
        return delivery
      }

      it('is not made again for a target that was changed to one that may be', async () => {
        const again = await open()
        await interrupted(again())
        const transport = fakeTransport(() => json(201, { id: 7 }))
        const target = { ...build, repeat: 'idempotent' } as const
        const dispatcher = start(transport, { hooks: [{ id: hookId, target }], store: again() })
        const dead = Promise.withResolvers<unknown>()
        dispatcher.on('dead', dead.resolve)
        expect(await dead.promise).toMatchObject({ outcome: { verdict: 'ambiguous' } })
        expect(transport.requests).toHaveLength(0)
      })

      it('is said to be, also when its hook was disabled', async () => {
        const again = await open()
        const store = again()
        await interrupted(store)
        await store.setHookStates([{ hookId, enabled: false, since: Date.now(), reason: 'operator' }])
        const dispatcher = start(
          fakeTransport(() => never),
          { hooks: [{ id: hookId, target: build }], store: again() },
        )
        const dead = Promise.withResolvers<unknown>()
        dispatcher.on('dead', dead.resolve)
        expect(await dead.promise).toMatchObject({ outcome: { verdict: 'ambiguous' } })
      })
    })

    it('that never left is superseded as one that was never begun', async () => {
      const again = await open()
      const store = again()
      const hook = { id: 'builds', target: build, supersede: true }
      const unopened = fakeTransport(() => failure('unreachable', false))
      const first = start(unopened, { hooks: [hook], store })
      const old = await first.dispatch(release)
      await expect.poll(() => unopened.requests.length).toBeGreaterThan(0)
      await first.close({ deadlineMs: 0 })
      const transport = fakeTransport(() => json(201, { id: 7 }))
      const closed = start(unopened, { hooks: [hook], store, now: () => 0 }) // for which nothing is due yet
      await closed.dispatch({ ...release, version: 5 })
      await closed.close({ deadlineMs: 0 })
      const second = start(transport, { hooks: [hook], store: again() })
      await expect.poll(() => transport.requests.length).toBe(1)
      await second.close()
      expect(await store.get(old.deliveries.map(({ id }) => id))).toMatchObject([
        { state: 'dead', outcome: { verdict: 'superseded' } },
      ])
      expect(transport.requests).toHaveLength(1)
    })

    it('is sent later, when the store failed and knew of it all the same', async () => {
      const store = (await open())()
      let isBroken = true
      const faulty = altered(store, {
        mark: async (...given) => {
          if (!isBroken) return store.mark(...given)
          isBroken = false
          await store.mark(...given)
          throw new Error('lost connection')
        },
      })
      const transport = fakeTransport(() => json(201, { id: 7 }))
      const log = newLog()
      const dispatcher = start(transport, { hooks: [{ target: build }], store: faulty, logger: log })
      const dispatch = await dispatcher.dispatch(release)
      await expect.poll(() => log.lines.join('\n')).toContain('lost connection')
      const ids = dispatch.deliveries.map(({ id }) => id)
      await expect.poll(async () => (await store.get(ids))[0]?.dueAt).toBeGreaterThan(Date.now() + 3000)
      await dispatcher.replay(ids[0] ?? '')
      expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
    })

    it('is made once in a sequence, whatever becomes of the requests behind it', async () => {
      const store = (await open())()
      const transport = fakeTransport((_request, index) =>
        index === 0 ? json(201, { id: 42 }) : answer(index < 3 ? 503 : 200),
      )
      const dispatcher = start(transport, { hooks: [{ target: two }], retry, store })
      const dispatch = await dispatcher.dispatch(release)
      const [delivery] = await dispatch.settled()
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 4, remote: { id: '42' } })
      expect(transport.requests.map((request) => request.url)).toEqual([
        'http://two.example/deployments',
        ...Array<string>(3).fill('http://two.example/deployments/42/statuses'),
      ])
      const keys = transport.requests.map((request) => request.headers['idempotency-key'])
      expect(new Set(keys)).toEqual(new Set([`"${delivery?.id}"`, `"${delivery?.id}/2"`]))
      const attempts = await dispatcher.attempts(delivery?.id ?? '')
      expect(attempts.map(({ step, outcome }) => [step, outcome.kind])).toEqual([
        [1, 'accepted'],
        [2, 'retry'],
        [2, 'retry'],
        [2, 'delivered'],
      ])
    })

    it('is not sent while the store cannot tell, and is sent when it can', async () => {
      const store = (await open())()
      let isBroken = true
      const faulty = altered(store, {
        mark: (...given) => (isBroken ? Promise.reject(new Error('disk full')) : store.mark(...given)),
      })
      const transport = fakeTransport(() => json(201, { id: 7 }))
      const log = newLog()
      const dispatcher = start(transport, { hooks: [{ target: build }], store: faulty, logger: log })
      const dispatch = await dispatcher.dispatch(release)
      await expect.poll(() => log.lines.join('\n')).toContain('disk full')
      expect(transport.requests).toHaveLength(0)
      await expect
        .poll(async () => (await store.get(dispatch.deliveries.map(({ id }) => id)))[0]?.dueAt)
        .toBeGreaterThan(Date.now() + 3000)
      isBroken = false
      const [replayed] = dispatch.deliveries
      await dispatcher.replay(replayed?.id ?? '')
      expect(await dispatch.settled()).toMatchObject([{ state: 'delivered' }])
    })
  },
)

/** As a transport that is aborted says whether the request may have left. */
function fakeAbort(transport: ReturnType<typeof fakeTransport>, opened: boolean): typeof transport {
  return Object.assign(Object.create(transport) as typeof transport, {
    send: async (request: Parameters<typeof transport.send>[0]) => {
      const exchange = await transport.send(request)
      return exchange.kind === 'failure' ? { ...exchange, opened } : exchange
    },
  })
}
