import { expect, it } from 'vitest'
import { defineTarget } from '../../src/targets/index.ts'
import { startPlatform } from '../../src/testing/index.ts'
import { send } from './sending.ts'

it('ends the path of a request with one slash, before the query, where its target says so', async () => {
  await using platform = await startPlatform('stackblaze')
  const target = defineTarget({
    name: 'slashed',
    repeat: 'duplicates',
    requests: [
      { path: ['releases', 'v4/2'], trailingSlash: true, query: { a: 'b' } },
      { trailingSlash: true },
      { path: ['deploys'] },
    ],
  })
  for (let times = 0; times < 3; times += 1) platform.answerNext({ status: 200 })
  await send({ url: `${platform.origin}/api/`, target })
  expect(platform.received.map(({ path }) => path)).toEqual([
    '/api/releases/v4%2F2/',
    '/api/',
    '/api/deploys',
  ])
  expect(platform.received[0]?.query).toEqual({ a: 'b' })
})
