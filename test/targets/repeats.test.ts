import { describe, expect, it } from 'vitest'
import { defineTarget } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { send } from './sending.ts'

const starts = defineTarget({
  name: 'starts',
  repeat: 'side-effect',
  requests: [{ path: ['start'] }, { path: ['note'], repeat: 'duplicates' }],
})

describe('a target of which one request may be repeated', () => {
  it('repeats that one after a timeout, and never the other', async () => {
    await using platform = await startPlatform('stackblaze')
    platform.answerNext({ status: 200 })
    platform.answerNext('hang')
    platform.answerNext('cut')
    platform.answerNext({ status: 200 })
    const { delivery } = await send({ url: platform.origin, target: starts, timeout: { deadlineMs: 500 } })
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 4 })
    expect(platform.received.map(({ path }) => path)).toEqual(['/start', '/note', '/note', '/note'])
  })

  it('ends when the other may have been acted on', async () => {
    await using platform = await startPlatform('stackblaze')
    platform.answerNext('hang')
    const { delivery } = await send({ url: platform.origin, target: starts, timeout: { deadlineMs: 500 } })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { verdict: 'ambiguous' } })
    expect(platform.received).toHaveLength(1)
  })

  it('is held to it by a request that has a side effect, whatever the target says', async () => {
    await using platform = await startPlatform('stackblaze')
    const target = defineTarget({
      name: 'careless',
      repeat: 'idempotent',
      requests: [{ repeat: 'side-effect' }],
    })
    platform.answerNext('cut')
    const { delivery } = await send({ url: platform.origin, target })
    expect(delivery).toMatchObject({ state: 'dead', outcome: { reason: 'reset', verdict: 'ambiguous' } })
    expect(platform.received).toHaveLength(1)
  })
})
