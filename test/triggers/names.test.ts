import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { isRefName } from '../../src/triggers/facts.ts'
import { jsonOf, post, startPlatform } from './platform.ts'

const params = {
  branch: z.string(),
  tag: z.string(),
  sha: z.string(),
  pullRequest: z.string(),
  user: z.string(),
}

describe('the name of a branch', () => {
  it.each(['main', 'feature/x-1', 'v1.2', 'ünïcode', 'a@b', 'a{b', 'release/2026-12.1', '@x', 'x.locked'])(
    'is %s',
    (name) => expect(isRefName(name)).toBe(true),
  )

  // git-check-ref-format, and `git branch`, which refuses a dash at the front.
  it.each([
    ['-x'],
    ['--upload-pack=touch /tmp/x'.replace(' ', '')],
    ['.hidden'],
    ['a/.hidden'],
    ['a..b'],
    ['a//b'],
    ['/a'],
    ['a/'],
    ['a.'],
    ['a.lock'],
    ['a.lock/b'],
    ['@'],
    ['a@{b'],
    ['a b'],
    ['a\u007Fb'],
    ['a~b'],
    ['a^b'],
    ['a:b'],
    ['a?b'],
    ['a*b'],
    ['a[b'],
    ['a\\b'],
    [''],
    ['x'.repeat(256)],
  ])('is not %j', (name) => expect(isRefName(name)).toBe(false))
})

describe('what a call names', () => {
  it.each(['branch', 'tag', 'sha', 'pullRequest'])(
    'is no option of a program that is given it as %s',
    async (name) => {
      const platform = await startPlatform({ params })
      const { url } = await platform.create({ params: Object.keys(params) })
      const response = await post(`${url}?${name}=--upload-pack`)
      expect(response.status).toBe(422)
      expect(await jsonOf(response)).toMatchObject({ code: 'params_invalid', problems: [{ path: name }] })
    },
  )

  it('is none of a program either when a push names it', async () => {
    const platform = await startPlatform({ params })
    const { url } = await platform.create({ params: Object.keys(params) })
    const push = (ref: string): Promise<Response> =>
      post(url, {
        headers: { 'x-github-event': 'push', 'content-type': 'application/json' },
        body: JSON.stringify({ ref, after: 'a'.repeat(40) }),
      })
    for (const ref of ['refs/heads/-x', 'refs/tags/-x', 'refs/tags/--upload-pack'])
      expect(await jsonOf(await push(ref))).toMatchObject({ ignored: expect.any(String) as string })
    expect((await push('refs/tags/v1')).status).toBe(202)
  })
})
