import { describe, expect, it } from 'vitest'
import { Attempter } from '../../../src/dispatch/worker/attempter.ts'
import type { Execution } from '../../../src/dispatch/worker/execution.ts'
import type { Hook } from '../../../src/hooks/hook.ts'
import { maxAnswerBytes } from '../../../src/http/transport.ts'
import type { TargetPoll, TargetRequest } from '../../../src/targets/shape.ts'
import { release } from '../../../src/testing/store/samples.ts'
import { answer, failure, fakeTransport } from '../fake-transport.ts'
import { newLog } from '../log.ts'
import { build, hookOf, placedOf, reporterTo, targetOf } from './fakes.ts'

const json = (value: unknown): ReturnType<typeof answer> => answer(200, undefined, JSON.stringify(value))
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const { signal } = new AbortController()

/** Over a transport that answers what it is told to. */
class Bench {
  now = 1000
  gives: () => ReturnType<typeof answer> = () => answer(200)
  readonly transport = fakeTransport(() => this.gives())
  readonly log = newLog()
  readonly #attempter = new Attempter({
    transport: this.transport,
    reporter: reporterTo(this.log),
    now: () => this.now,
  })

  attempt(hook: Hook, execution: Execution, until = signal): ReturnType<Attempter['attempt']> {
    return this.#attempter.attempt(hook, execution, until)
  }
}

const poll = {
  path: ({ remote: { id } }) => {
    if (id === undefined) throw new Error('Nothing to ask by')
    return [id]
  },
  status: '/status',
  statuses: {},
  everyMs: 1000,
  untilMs: 60_000,
} satisfies TargetPoll
const polled = targetOf({ id: '/id' }, { poll })

describe('an attempt', () => {
  it('renders, signs and sends once, and has the target read what came', async () => {
    const bench = new Bench()
    const hook = hookOf({ target: polled })
    bench.gives = () => json({ id: 'run-7' })
    const execution = placedOf(hook, 'dlv')
    const came = await bench.attempt(hook, execution)
    expect(came).toMatchObject({
      kind: 'exchanged',
      exchange: { status: 200 },
      reading: { meaning: 'accepted', remote: { id: 'run-7' } },
    })
    const [request] = bench.transport.requests
    const { connection } = hook
    expect(request).toMatchObject({
      method: 'POST',
      deadlineMs: 15_000,
      keepBytes: maxAnswerBytes,
      connection,
    })
    expect(request?.headers['idempotency-key']).toBe('"dlv"')
  })

  it('that has another connection sends the same bytes, and began with the first one', async () => {
    const bench = new Bench()
    const hook = hookOf({ target: targetOf({ sign: 'standard-webhooks' }), secret })
    bench.gives = () => failure('unreachable', false)
    const execution = placedOf(hook, 'dlv')
    for (bench.now of [61_000, 62_000]) await bench.attempt(hook, execution)
    expect(execution).toMatchObject({ connects: 2, startedAt: 61_000 })
    const [first, second] = bench.transport.requests
    expect(second?.headers).toEqual(first?.headers)
    expect(first?.headers['webhook-timestamp']).toBe('61')
    expect(second?.connection).toBe(first?.connection)
    expect(first?.keepBytes).toBeUndefined()
  })

  it('that may not be made twice has a connection of its own, which no earlier one has left open', async () => {
    const bench = new Bench()
    const hook = hookOf({ target: build })
    await bench.attempt(hook, placedOf(hook, 'dlv'))
    expect(bench.transport.requests[0]?.connection).toEqual(hook.connection)
    expect(bench.transport.requests[0]?.connection).not.toBe(hook.connection)
  })

  it('sends nothing when it is to end already', async () => {
    const bench = new Bench()
    const came = await bench.attempt(hookOf(), placedOf(hookOf(), 'dlv'), AbortSignal.abort())
    expect(came).toMatchObject({ exchange: { kind: 'failure', cause: 'aborted', opened: false } })
    expect(bench.transport.requests).toEqual([])
  })

  it('is a broken connection when the transport rejects against its contract: nobody knows what was sent', async () => {
    const bench = new Bench()
    bench.gives = () => {
      throw new Error('a bug')
    }
    expect(await bench.attempt(hookOf(), placedOf(hookOf(), 'dlv'))).toMatchObject({
      exchange: { cause: 'reset', code: 'TRANSPORT_REJECTED', opened: true },
      reading: undefined,
    })
  })
})

describe('what no request can be made of', () => {
  it('ends the delivery, and tells why without the secrets of the target', async () => {
    const bench = new Bench()
    const body: TargetRequest['body'] = ({ secrets }) => {
      throw new Error(`no ${secrets['token']}`)
    }
    const hook = hookOf({ target: targetOf({ body }, { secrets: { token: 'of-the-target-alone' } }) })
    expect(await bench.attempt(hook, placedOf(hook, 'dlv'))).toMatchObject({ verdict: 'unrenderable' })
    expect(bench.transport.requests).toEqual([])
    expect(bench.log.lines).toEqual([
      expect.stringMatching(/could make no request.*"hookId":"a","target":"own","deliveryId":"dlv"/),
    ])
    expect(bench.log.lines[0]).not.toContain('of-the-target')
  })

  it('is told apart where its URL is longer than servers read', async () => {
    const facts = { release: { ...release, app: 'x'.repeat(20_000) } }
    expect(await new Bench().attempt(hookOf(), placedOf(hookOf(), 'dlv', facts))).toMatchObject({
      verdict: 'url-too-long',
    })
  })
})

describe('a target that cannot read an answer', () => {
  it('is told of, and the request may have been taken', async () => {
    const bench = new Bench()
    const isAccepted = (): never => {
      throw new Error('Cannot read `id`')
    }
    const hook = hookOf({ target: targetOf({ isAccepted }) })
    expect(await bench.attempt(hook, placedOf(hook, 'dlv'))).toMatchObject({
      reading: { meaning: 'refused', isRejected: true, isUnclear: true },
    })
    expect(bench.log.lines).toEqual([expect.stringContaining('An answer could not be read by its target')])
  })
})

describe('asking how it went', () => {
  const hook = hookOf({ target: polled })
  const progress = { step: 1, at: 0, attempt: 1 }

  it('is a request of its own, whose answer is not read as that to a release', async () => {
    const bench = new Bench()
    bench.gives = () => json({ status: 'ok' })
    const came = await bench.attempt(hook, placedOf(hook, 'dlv', { progress, remote: { id: 'run-7' } }))
    expect(came).toMatchObject({ kind: 'exchanged', reading: undefined })
    expect(bench.transport.requests[0]).toMatchObject({ method: 'GET', url: 'http://a.example/run-7' })
  })

  it('ends unfinished where there is nothing to ask by, or nothing to ask any more', async () => {
    const bench = new Bench()
    for (const each of [hook, hookOf()]) {
      const came = await bench.attempt(each, placedOf(each, 'dlv', { progress }))
      expect(came).toMatchObject({ verdict: 'unfinished' })
    }
    expect(bench.transport.requests).toEqual([])
  })
})
