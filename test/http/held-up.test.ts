import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLookUp } from '../../src/http/names.ts'
import { createDispatcher, gotTransport } from '../../src/index.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { startHttp } from '../loopback.ts'

afterEach(() => vi.useRealTimers())

const release = { app: 'web', user: 'gabrtv' }

describe.each([
  ['gotTransport', gotTransport],
  ['undiciTransport', undiciTransport],
])('over %s', (_name, create) => {
  it('a delivery whose look-up is held up by that of another name is not charged to its hook, and goes out later', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await using receiver = await startHttp((_request, response) => response.end())
    let end = (): void => undefined
    const lookup = createLookUp({
      hosts: { addressesOf: () => [] },
      askServers: () => Promise.reject(new Error('not asked for names without a dot')),
      system: (name, _options, callback) => {
        const answer = (): void => callback(null, [{ address: '127.0.0.1', family: 4 }])
        if (name === 'hangs') end = answer
        else setImmediate(answer)
      },
    })
    await using dispatcher = createDispatcher({
      hooks: ['hangs', 'held-up'].map((id) => ({ id, url: `http://${id}:${receiver.port}/`, apps: [id] })),
      secret: 's3cret-of-the-tests',
      egress: { allow: ['127.0.0.1'], lookup },
      timeout: { deadlineMs: 200 },
      transport: create(),
      logger: { warn: () => undefined, error: () => undefined },
    })
    const attempted = Promise.withResolvers<unknown>()
    dispatcher.on('attempt', ({ hook, attempt }) => attempted.resolve({ id: hook.id, ...attempt }))
    await dispatcher.dispatch({ ...release, app: 'hangs', version: 1 })
    const heldUp = await dispatcher.dispatch({ ...release, app: 'held-up', version: 1 })
    expect(await attempted.promise).toMatchObject({ id: 'hangs', code: 'ETIMEDOUT' })
    const hookOf = (id: string): unknown => dispatcher.hooks().find(({ id: each }) => each === id)
    await vi.waitFor(() => expect(hookOf('held-up')).toMatchObject({ inFlight: 0, waiting: 0 }))
    expect(hookOf('held-up')).toMatchObject({ breaker: { attempts: 0 } })
    expect(hookOf('held-up')).not.toHaveProperty('failingSince')
    expect(hookOf('hangs')).toMatchObject({ breaker: { attempts: 1, failures: 1 } })
    end()
    await vi.advanceTimersByTimeAsync(5000)
    expect(await heldUp.settled()).toMatchObject([{ state: 'delivered', attempts: 1 }])
  })
})
