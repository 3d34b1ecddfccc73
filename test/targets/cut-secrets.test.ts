import { expect, it } from 'vitest'
import { defineTarget } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { send } from './sending.ts'

const token = 'tk_5f0c1e9a7b2d3c4e'
const target = defineTarget({
  name: 'echoes',
  secrets: { token },
  repeat: 'duplicates',
  requests: [
    {
      headers: ({ secrets }) => ({ authorization: `Bearer ${secrets.token}` }),
      isAccepted: () => 'final',
      id: '/id',
      error: '/error',
    },
  ],
})

it('gives away no start of a secret where an id or an error of an answer is cut', async () => {
  await using platform = await startPlatform('netlify')
  for (const shown of [4, 5, 9, token.length - 1]) {
    const echo = (length: number): string => 'x'.repeat(length - shown) + token + 'y'.repeat(50)
    platform.answerNext({ status: 200, body: { id: echo(500), error: echo(500) } })
    const { delivery } = await send({ url: platform.url, target })
    for (const text of Object.values(delivery.remote ?? {})) expect(text).toMatch(/^x+\[masked\]$/u)
    expect(Object.keys(delivery.remote ?? {})).toEqual(['id', 'error'])
  }
})

it('keeps what is as long as may be, and breaks no character in two', async () => {
  await using platform = await startPlatform('netlify')
  const whole = { id: `${'x'.repeat(490)}tk_5`, error: 'tk_5' }
  platform.answerNext({ status: 200, body: whole })
  expect((await send({ url: platform.url, target })).delivery.remote).toEqual(whole)
  platform.answerNext({ status: 200, body: { error: `${'x'.repeat(499)}💥` } })
  expect((await send({ url: platform.url, target })).delivery.remote).toEqual({ error: 'x'.repeat(499) })
})
