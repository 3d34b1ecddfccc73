import { vi } from 'vitest'

/**
 * `vi.waitFor` gives up after a second, for which there is no setting as there is for `expect.poll`; a busy machine may not get to a test's
 * next step in that time. What does not happen at all is told as well a little later.
 */
const timeout = 60_000
const { waitFor } = vi

/** Files that share a process set it once. */
if (waitFor.name !== 'waitPatiently')
  vi.waitFor = function waitPatiently(callback, options = {}) {
    return waitFor(callback, typeof options === 'number' ? options : { timeout, ...options })
  }
