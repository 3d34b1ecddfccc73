import { onTestFinished } from 'vitest'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../../src/index.ts'
import type { FakeTransport } from './fake-transport.ts'
import { newLog } from './log.ts'

export { newLog, type Log } from './log.ts'

export const release = { app: 'web', version: 4, user: 'gabrtv', sha: '35b3726' }
export const secret = 's3cret-of-the-tests'

/** A dispatcher for one test, to one hook unless told otherwise, closed when the test ends. */
export function start(transport: FakeTransport, options: Partial<DispatcherOptions> = {}): Dispatcher {
  return unsigned(transport, { secret, ...options })
}

/** The same, without a secret for all. */
export function unsigned(transport: FakeTransport, options: Partial<DispatcherOptions> = {}): Dispatcher {
  const dispatcher = createDispatcher({
    hooks: ['http://one.example/'],
    transport,
    logger: newLog(),
    random: () => 0.5,
    ...options,
  })
  onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
  return dispatcher
}
