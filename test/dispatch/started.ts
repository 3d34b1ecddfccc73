import { onTestFinished } from 'vitest'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../../src/index.ts'
import type { FakeTransport } from './fake-transport.ts'

export const release = { app: 'web', version: 4, user: 'gabrtv', sha: '35b3726' }
export const secret = 's3cret-of-the-tests'

export interface Log {
  readonly warn: (message: string, fields?: object) => void
  readonly error: (message: string, fields?: object) => void
  readonly lines: string[]
}

export function newLog(): Log {
  const lines: string[] = []
  const add = (message: string, fields?: object): void =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  return { warn: add, error: add, lines }
}

/** A dispatcher for one test, to one hook unless told otherwise, closed when the test ends. */
export function start(transport: FakeTransport, options: Partial<DispatcherOptions> = {}): Dispatcher {
  const dispatcher = createDispatcher({
    hooks: ['http://one.example/'],
    secret,
    transport,
    logger: newLog(),
    random: () => 0.5,
    ...options,
  })
  onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
  return dispatcher
}
