import { describe, expect, it, onTestFinished } from 'vitest'
import { casesOf } from '../../proofs/soak/cases.ts'
import { createDispatcher, gotTransport } from '../../src/index.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { faultNames, startFaultProxy } from '../../src/testing/index.ts'
import { newLog, release, secret } from './started.ts'

describe.each([
  ['gotTransport', gotTransport],
  ['undiciTransport', undiciTransport],
])('a deploy hook over %s', (_, create) => {
  it.each(casesOf(faultNames).map((each) => [each.name, each] as const))(
    'comes to what is right, for %s',
    async (_, { fault, protocol, hangs, expected }) => {
      await using proxy = await startFaultProxy({ fault })
      const dispatcher = createDispatcher({
        hooks: [{ url: proxy.url.replace('http:', protocol), id: 'one' }],
        secret,
        transport: create(),
        egress: { allow: ['127.0.0.1'] },
        logger: newLog(),
        retry: { delaysMs: [], connect: { retries: 0, minTimeout: 0, maxTimeout: 0, factor: 1 } },
        timeout: { deadlineMs: hangs ? 500 : 10_000 },
      })
      onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
      const [delivery] = await (await dispatcher.dispatch(release)).settled()
      const [attempt] = await dispatcher.attempts(delivery?.id ?? '')
      const { code, outcome } = attempt ?? {}
      const right = expected.right.filter(({ reason }) => reason === outcome?.reason)
      expect([outcome?.reason, right]).toEqual([outcome?.reason, [expect.anything()]])
      expect(right[0]?.codes ?? [undefined]).toContain(code)
    },
  )
})
