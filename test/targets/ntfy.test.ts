import { describe, expect, it } from 'vitest'
import { ntfy } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { send } from './sending.ts'

describe('a notification by ntfy', () => {
  it('is the summary, published to the topic', async () => {
    await using platform = await startPlatform('ntfy')
    const { token = '' } = platform.credentials
    const { delivery, told } = await send({ url: platform.url, target: ntfy({ token, priority: 5 }) })
    expect(delivery).toMatchObject({ state: 'delivered', remote: { id: 'hwQ2YpKdmg' } })
    expect(platform.received).toMatchObject([{ method: 'POST', body: 'gabrtv deployed 35b3726' }])
    expect(platform.received[0]?.headers).toMatchObject({ priority: '5' })
    expect(told).not.toContain(token)
  })

  it('is refused once with a wrong token, and told why', async () => {
    await using platform = await startPlatform('ntfy')
    const { delivery } = await send({ url: platform.url, target: ntfy({ token: 'tk_wrong' }) })
    expect(delivery).toMatchObject({ state: 'dead', attempts: 1, remote: { error: 'unauthorized' } })
  })
})
