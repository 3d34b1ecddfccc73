import { expect, it } from 'vitest'
import { defineTarget } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { send } from './sending.ts'

it('a target may tell a status of several values, and is asked again when it cannot', async () => {
  await using platform = await startPlatform('stackblaze')
  const target = defineTarget({
    name: 'counts',
    repeat: 'idempotent',
    requests: [{}],
    poll: {
      status: ({ json }) => ((json as { left: number }).left === 0 ? 'done' : 'busy'),
      statuses: { busy: 'running', done: 'succeeded' },
      everyMs: 5,
      untilMs: 10_000,
    },
  })
  platform.answerNext({ status: 202 })
  for (const body of ['null', '{"left":2}', '{"left":0}']) platform.answerNext({ status: 200, body })
  const { delivery, attempts } = await send({ url: platform.origin, target, waitFor: 'finished' })
  expect(delivery).toMatchObject({ state: 'delivered', remote: { status: 'succeeded' } })
  expect(attempts.map(({ remote }) => remote?.status)).toEqual(['queued', 'unknown', 'running', 'succeeded'])
})
