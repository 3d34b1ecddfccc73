import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readOn } from '../../src/verify/closing.ts'

type Request = Parameters<typeof readOn>[0]

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const looksUnread = { method: 'POST', headers: {}, complete: false }

it('reads nothing behind an answer of a request that is no stream, and leaves no timer', async () => {
  await readOn(looksUnread)
  expect(vi.getTimerCount()).toBe(0)
})

it('ends by itself where listeners cannot be taken off again', async () => {
  const resume = vi.fn<() => void>()
  const reading = readOn({ ...looksUnread, on: () => undefined, resume } as unknown as Request)
  vi.advanceTimersByTime(1000)
  await reading
  expect(resume).toHaveBeenCalledOnce()
})
