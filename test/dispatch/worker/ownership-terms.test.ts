import { expect, it } from 'vitest'
import { OwnershipBench } from './ownership-bench.ts'

it('ends a term when a hook is yielded, though it comes back: what a claim under way then brings may be sent by now', async () => {
  const { ownership, tells } = await OwnershipBench.started()
  const term = ownership.term('a')
  expect([term.holds, term.stays]).toEqual([true, true])
  tells.asked('a')
  tells.given('a', undefined)
  expect(ownership.mayClaim('a')).toBe(true)
  expect([term.holds, term.stays]).toEqual([false, false])
  expect(ownership.term('a')).toMatchObject({ holds: true, stays: true })
})
